import type { IconShape } from '../../ui/icon.tsx';

export const icon: IconShape = {
  path: 'M4 16v-3.5l2-1 1.6-4A2 2 0 0 1 9.5 6h5a2 2 0 0 1 1.9 1.4l1.6 4.1 2 1V16M4 16h16M4 16v2.2M20 16v2.2M6 11.5h12M7.5 14h.01M16.5 14h.01',
};
