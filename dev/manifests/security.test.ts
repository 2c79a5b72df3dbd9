import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readImage } from '../../services/kit/rpc/contracts.ts';
import { declaredCalls } from '../mesh/calls.ts';
import { methodsOf } from '../mesh/contracts.ts';
import { laptopContext } from '../mesh/laptop.ts';
import { root } from '../paths.mjs';
import { systems } from '../systems/systems.ts';
import { find, ofKind, overlays } from './testing.ts';

interface Rule {
  readonly from: readonly { readonly source: { readonly principals: readonly string[] } }[];
  readonly to: readonly { readonly operation: { readonly paths?: readonly string[] } }[];
}

/** The methods of a service, `<system>/<service>`, that its AuthorizationPolicy opens to an identity of the same form. */
function allowed(service: string, identity: string): string[] {
  const [system, name = ''] = service.split('/');
  const [namespace, account] = identity.split('/');
  // The type check holds its shape.
  const spec = find(overlays.production, 'AuthorizationPolicy', name, system)?.spec as { rules: readonly Rule[] } | undefined;
  return (spec?.rules ?? [])
    .filter(({ from }) => from.some(({ source }) => source.principals.includes(`cluster.local/ns/${namespace}/sa/${account}`)))
    .flatMap(({ to }) => to.flatMap(({ operation }) => operation.paths ?? []))
    .toSorted();
}

describe('the identities', () => {
  const methods = methodsOf(readImage());
  const HEALTH = '/grpc.health.v1.Health/Check';
  const ofSystems = systems.flatMap(({ name: system, services: own }) =>
    own.map((service) => ({ ...service, id: `${system}/${service.name}` })),
  );

  it.each(ofSystems)('of edge and gateway may call the public methods of $id, and all of them', ({ id, contract }) => {
    const open = methods.filter(({ path, isPublic }) => isPublic && path.startsWith(`/${contract}/`)).map(({ path }) => path);
    expect(open.length).toBeGreaterThan(0);
    expect(allowed(id, 'edge/edge')).toEqual(open.toSorted());
    expect(allowed(id, 'edge/gateway')).toEqual([HEALTH, ...open].toSorted());
  });

  it('of services may call what their descriptors declare, and nothing else', () => {
    for (const caller of ofSystems) {
      const open = ofSystems.flatMap((callee) => allowed(callee.id, caller.id));
      expect(open, caller.id).toEqual([...(caller.calls ?? [])].toSorted());
    }
    expect(ofSystems.some(({ calls = [] }) => calls.length > 0)).toBe(true);
  });

  it('may call peers as the annotations of the policies say', () => {
    const { mesh, callers } = laptopContext(methods, [join(root, 'mesh')]);
    const declared = declaredCalls(mesh, methods, callers).filter(({ within }) => within !== undefined);
    const inAnnotations = declared.map(({ caller, to }) => `${caller.name} ${to.path}`);
    const inDescriptors = ofSystems.flatMap(({ id, calls = [] }) => calls.map((path) => `${id} ${path}`));
    expect([...new Set(inAnnotations)].toSorted()).toEqual(inDescriptors.toSorted());
  });

  it('are asked for everywhere: what no rule allows is refused', () => {
    for (const objects of Object.values(overlays)) {
      for (const { metadata } of ofKind(objects, 'Namespace')) {
        const rules = ofKind(objects, 'AuthorizationPolicy').filter((each) => each.metadata.namespace === metadata.name);
        expect(
          rules.map(({ spec }) => spec),
          metadata.name,
        ).toContainEqual({});
      }
    }
  });
});
