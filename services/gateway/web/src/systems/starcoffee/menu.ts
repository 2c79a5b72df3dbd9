import { count } from '../../ui/format.ts';

/** A coffee on the menu of this page. The system keeps no menu: it makes whatever is ordered. */
export interface MenuItem {
  readonly menuId: string;
  readonly name: string;
  /** In won. */
  readonly price: number;
  readonly description: string;
}

export const MENU: readonly MenuItem[] = [
  { menuId: 'espresso', name: 'Espresso', price: 4000, description: 'Short and strong.' },
  { menuId: 'americano', name: 'Americano', price: 4500, description: 'An espresso with hot water.' },
  { menuId: 'latte', name: 'Latte', price: 5000, description: 'An espresso with much milk.' },
  { menuId: 'mocha', name: 'Mocha', price: 5500, description: 'A latte with chocolate.' },
];

/** Returns the name of a coffee. An order can also name one that is not on the menu. */
export function coffeeName(menuId: string): string {
  return MENU.find((item) => item.menuId === menuId)?.name ?? menuId;
}

/** Returns a price in words, such as `4,500 won`. */
export function won(price: number): string {
  return count(price, 'won', 'won');
}
