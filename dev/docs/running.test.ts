import { expect, it } from 'vitest';
import { onlyRunning } from './page/running.js';

const document = {
  info: { title: 'All' },
  paths: {
    '/one/things': { get: { tags: ['One'] } },
    '/two/things/{id}:end': { post: { tags: ['Two'] } },
    '/mesh:watch': { get: { tags: ['Mesh'] } },
  },
  tags: [{ name: 'One' }, { name: 'Two' }, { name: 'Mesh' }],
  components: { schemas: { 'one.a.v1.A': {}, 'two.b.v1.B': {}, 'rentmesh.observer.v1.Mesh': {}, 'google.rpc.Status': {} } },
};

it('the API page shows the running systems and the platform', () => {
  const shown = onlyRunning(document, ['two']);
  expect(Object.keys(shown.paths)).toEqual(['/two/things/{id}:end', '/mesh:watch']);
  expect(shown.tags).toEqual([{ name: 'Two' }, { name: 'Mesh' }]);
  expect(Object.keys(shown.components.schemas)).toEqual(['two.b.v1.B', 'rentmesh.observer.v1.Mesh', 'google.rpc.Status']);
});
