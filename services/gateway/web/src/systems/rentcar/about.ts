import type { About } from '../../shell/systems.ts';
import { carIcon } from './icon.ts';

export const about: About = {
  title: 'Rent-a-car',
  summary: 'Customers reserve cars; stock is never sold twice.',
  icon: carIcon,
};
