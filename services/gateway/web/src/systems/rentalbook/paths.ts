/** Returns the address of a page of this system. */
export function at(path = ''): string {
  return `/app/rentalbook/${path}`;
}
