import type { IconShape } from '../../ui/icon.tsx';

export const icon: IconShape = {
  path: 'M4 8.5A1.5 1.5 0 0 0 5.5 7h13A1.5 1.5 0 0 0 20 8.5v2a1.5 1.5 0 0 0 0 3v2a1.5 1.5 0 0 0-1.5 1.5h-13A1.5 1.5 0 0 0 4 15.5v-2a1.5 1.5 0 0 0 0-3zM14.5 7v2M14.5 11v2M14.5 15v2',
};
