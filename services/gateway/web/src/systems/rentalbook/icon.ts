import type { IconShape } from '../../ui/icon.tsx';

export const icon: IconShape = {
  path: 'M5 5.5A1.5 1.5 0 0 1 6.5 4H19v13H6.5A1.5 1.5 0 0 0 5 18.5zM5 18.5A1.5 1.5 0 0 0 6.5 20H19v-3M9 8h6',
};
