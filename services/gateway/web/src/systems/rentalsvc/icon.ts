import type { IconShape } from '../../ui/icon.tsx';

export const icon: IconShape = {
  path: 'M5 5.5h14a1 1 0 0 1 1 1V16H4V6.5a1 1 0 0 1 1-1zM2.5 18.5h19M10 16v.01M14 16v.01M9 9h6M9 12h4',
};
