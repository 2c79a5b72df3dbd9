import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { afterEach, describe, expect, it } from 'vitest';
import { topicOf } from '#kit/events/topics.ts';
import { readImage } from '#kit/rpc/contracts.ts';
import { services } from './services.ts';
import { chooseSystems, findSystems, type System, systems } from './systems.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Makes a repository whose systems have these numbers. */
function repositoryOf(numbers: Readonly<Record<string, number>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'systems-'));
  folders.push(folder);
  mkdirSync(join(folder, 'services', 'kit'), { recursive: true });
  for (const [name, number] of Object.entries(numbers)) {
    mkdirSync(join(folder, 'services', name));
    writeFileSync(
      join(folder, 'services', name, 'system.ts'),
      `export const system = { title: '${name}', number: ${number}, services: [] };`,
    );
  }
  return folder;
}

describe('the systems of a checkout', () => {
  it('are the folders of services/ with a system.ts, by name', async () => {
    const found = await findSystems(repositoryOf({ zoo: 1, bank: 2 }));
    expect(found.map(({ name, title }) => [name, title])).toEqual([
      ['bank', 'bank'],
      ['zoo', 'zoo'],
    ]);
  });

  it('have numbers of their own, of which addresses are made', async () => {
    await expect(findSystems(repositoryOf({ zoo: 2, bank: 2 }))).rejects.toThrow('The systems bank and zoo both have the number 2');
    await expect(findSystems(repositoryOf({ zoo: 15 }))).rejects.toThrow('choose one from 0 to 14');
    const numbers = services.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('a choice of systems', () => {
  const system = (name: string, startsByDefault = false) => ({ name, startsByDefault }) as System;
  const all = [system('bank'), system('zoo', true)];
  const choice = (...names: string[]) => chooseSystems(names, all).map(({ name }) => name);

  it('is made by names, by `all`, or by default', () => {
    expect(choice('bank', 'bank')).toEqual(['bank']);
    expect(choice('all')).toEqual(['bank', 'zoo']);
    expect(choice()).toEqual(['zoo']);
  });

  it('refuses an unknown name and lists the known ones', () => {
    expect(() => choice('bank', 'bnak')).toThrow('There is no system "bnak"; there are: bank, zoo (or all).');
  });
});

describe('the descriptors', () => {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readImage()));
  /** Topics of the messages of each package's events.proto. */
  const topics = new Map<string, Set<string>>();
  for (const type of registry)
    if (type.kind === 'message' && type.parent === undefined && type.file.name.endsWith('/events')) {
      const { package: of } = type.file.proto;
      topics.set(of, (topics.get(of) ?? new Set()).add(topicOf(type.typeName)));
    }

  it.each(systems.map((each) => [each.name, each] as const))('of %s agree with its contracts', (_, { name, services }) => {
    for (const { name: service, contract, publishes = [], consumes = [], calls = [] } of services) {
      expect(registry.getService(contract)?.file.proto.package, contract).toBe(`${name}.${service}.v1`);
      expect([...publishes].sort(), `topics of ${service}`).toEqual([...(topics.get(`${name}.${service}.v1`) ?? [])].sort());
      const published = services.flatMap((each) => each.publishes ?? []);
      for (const topic of consumes) expect(published).toContain(topic);
      for (const path of calls) {
        const [, callee = '', method] = path.split('/');
        expect(
          registry.getService(callee)?.methods.map((each) => each.name),
          path,
        ).toContain(method);
      }
    }
  });
});
