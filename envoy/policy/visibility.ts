/**
 * Returns how a resource is visible in a namespace by its exportTo: everywhere, or because exportTo names the namespace. Undefined: it is
 * not visible there.
 *
 * @param owner the namespace of the resource, which exportTo calls `.`
 */
export function visibilityIn(namespace: string, owner: string, exportTo: readonly string[] = []): 'everywhere' | 'named' | undefined {
  if (exportTo.length === 0 || exportTo.includes('*')) return 'everywhere';
  if (exportTo.includes('~')) return undefined;
  return exportTo.includes(namespace) || (exportTo.includes('.') && owner === namespace) ? 'named' : undefined;
}
