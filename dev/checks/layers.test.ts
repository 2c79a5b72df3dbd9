import { describe, expect, it } from 'vitest';
import { cycleErrors, importGraph, layerErrors } from './layers.ts';

const aliases = new Map([['#kit/', './services/kit/']]);

function graph(modules: Readonly<Record<string, string>>) {
  return importGraph(new Map(Object.entries(modules)), aliases);
}

describe('an import that leaves its layer', () => {
  it.each([
    ['envoy/a/b.ts', "import { c } from '../../dev/c.ts';", 'dev/c.ts'],
    ['envoy/a.ts', "import type { C } from '#kit/c.ts';", 'services/kit/c.ts'],
    ['envoy/a.ts', "export {\n  c,\n  d,\n} from '../services/shop/c.ts';", 'services/shop/c.ts'],
    ['dev/a.ts', "const { c } = await import('../bench/c.ts');", 'bench/c.ts'],
    ['dev/a.test.ts', "import '../test/support/c.ts';", 'test/support/c.ts'],
    ['services/kit/a.ts', "import { c } from '../../envoy/c.ts';", 'envoy/c.ts'],
    ['services/shop/a.ts', "import { c } from '../../envoy/c.ts';", 'envoy/c.ts'],
  ])('is found: %s, %s', (module, text, target) => {
    expect(layerErrors(graph({ [module]: text, [target]: '' }))).toEqual([expect.stringContaining(`${module} imports ${target}: `)]);
  });

  it('is not one to an allowed folder, to a package, or in a comment', () => {
    const text = "import { c } from '../envoy/c.ts';\nimport { d } from 'dev';\n/** @type {import('../bench/b.ts').B} */\n";
    expect(layerErrors(graph({ 'dev/a.ts': text, 'envoy/c.ts': '', 'bench/b.ts': '' }))).toEqual([]);
  });
});

describe('an import cycle', () => {
  it('is found, also by an alias and through several modules', () => {
    const modules = {
      'services/kit/a.ts': "import { b } from './b.ts';",
      'services/kit/b.ts': "export { c } from '../shop/c.ts';",
      'services/shop/c.ts': "import { a } from '#kit/a.ts';",
    };
    expect(cycleErrors(graph(modules))).toEqual([
      'import cycle: services/kit/a.ts → services/kit/b.ts → services/shop/c.ts → services/kit/a.ts',
    ]);
  });

  it('is found by types', () => {
    const modules = { 'a.ts': "import { b } from './b.ts';", 'b.ts': "import type { A } from './a.ts';" };
    expect(cycleErrors(graph(modules))).toEqual(['import cycle: a.ts → b.ts → a.ts']);
  });

  it('is none between modules that share a module', () => {
    expect(cycleErrors(graph({ 'a.ts': "import './b.ts';\nimport './c.ts';", 'b.ts': "import './c.ts';", 'c.ts': '' }))).toEqual([]);
  });
});
