import type { IconShape } from '../../ui/icon.tsx';

export const icon: IconShape = { path: 'M5 9h11v5a5 5 0 0 1-5 5h-1a5 5 0 0 1-5-5V9M16 10h1.5a2.5 2.5 0 0 1 0 5H16M8 3v2.5M12 3v2.5' };
