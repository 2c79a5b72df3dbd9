import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type CallSchema, type Mesh, MeshSchema } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';

/** A state of the mesh with some calls, for tests. */
export function meshWith(...calls: MessageInitShape<typeof CallSchema>[]): Mesh {
  return create(MeshSchema, { seconds: 2, calls });
}
