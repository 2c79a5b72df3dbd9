import { control } from './instance.ts';

/** Adds a system to the tested instance, unless it runs already. It stays for the tests that follow. */
export async function runSystem(name: string): Promise<void> {
  const { systems } = await control.status();
  if (!systems.includes(name)) await control.up(name);
}
