import { control, system } from './instance.ts';

/**
 * Adds a system to the tested instance, unless it runs already, and takes away those that other files have added: the machine
 * has room for the default systems and one more. It stays for the files that follow.
 */
export async function runSystem(name: string): Promise<void> {
  const running = (await control.status()).systems;
  const usual = system.systems.map((each) => each.name);
  for (const other of running) if (other !== name && !usual.includes(other)) await control.down(other);
  if (!running.includes(name)) await control.up(name);
}
