// Runs before the first paint, so that a chosen theme does not flash; src/shell/theme.ts writes what is read here.
try {
  const chosen = localStorage.getItem('rentmesh.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // Storage may be forbidden: the system's preference holds.
}
