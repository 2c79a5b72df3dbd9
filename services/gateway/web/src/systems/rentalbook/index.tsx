import { lazy } from 'preact-iso';
import type { SystemPages } from '../../shell/systems.ts';
import { BooksPage } from './member/books-page.tsx';
import { MyBooksPage } from './member/my-books-page.tsx';
import { ReservePage } from './member/reserve-page.tsx';
import { at } from './paths.ts';
import { problems } from './problems.ts';

const ManageBooksPage = lazy(() => import('./librarian/books-page.tsx').then((module) => module.ManageBooksPage));
const ReservesPage = lazy(() => import('./librarian/reserves-page.tsx').then((module) => module.ReservesPage));
const RentalsPage = lazy(() => import('./librarian/rentals-page.tsx').then((module) => module.RentalsPage));
const ReturnsPage = lazy(() => import('./librarian/returns-page.tsx').then((module) => module.ReturnsPage));

const pages: SystemPages = {
  areas: [
    {
      href: at(),
      name: 'Members',
      places: [
        { href: at(), name: 'Books' },
        { href: at('mine'), name: 'My books' },
      ],
    },
    {
      href: at('librarian'),
      name: 'Librarian',
      places: [
        { href: at('librarian'), name: 'Register' },
        { href: at('librarian/reserves'), name: 'Reserves' },
        { href: at('librarian/rentals'), name: 'Rentals' },
        { href: at('librarian/returns'), name: 'Returns' },
      ],
    },
  ],
  routes: {
    '': BooksPage,
    mine: MyBooksPage,
    'mine/:id': ReservePage,
    librarian: ManageBooksPage,
    'librarian/reserves': ReservesPage,
    'librarian/rentals': RentalsPage,
    'librarian/returns': ReturnsPage,
  },
  problems,
};

export default pages;
