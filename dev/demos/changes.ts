import { type Document, parseAllDocuments } from 'yaml';
import type { Faults } from '#proto/rentmesh/fault/v1/fault.ts';

/** A change of the running system, made for the time of a phase. The environment undoes it. */
export type Change =
  /** Makes replicas of a service slow or faulty: all of them, or the last one. */
  | { readonly kind: 'faults'; readonly service: string; readonly replicas: 'all' | 'last'; readonly faults: Partial<Faults> }
  /** Stops all replicas of a service. */
  | { readonly kind: 'stopped'; readonly service: string }
  /** Edits a policy file; the path is relative to the folder of the policies. */
  | { readonly kind: 'policy'; readonly file: string; readonly edit: (text: string) => string };

/** The calls that a fault is about. */
export interface FaultTarget {
  readonly service: string;
  /** Full names of its methods: `rentcar.car.v1.CarService/CheckUpdateStock`. */
  readonly methods: string[];
}

/** Delays every answer of a callee by a random time within a range, in milliseconds. */
export function slowCallee({ service, methods }: FaultTarget, [delayMsMin, delayMsMax]: readonly [number, number]): Change {
  return { kind: 'faults', service, replicas: 'all', faults: { methods, delayMsMin, delayMsMax } };
}

/** Makes the last replica of a service answer UNAVAILABLE to a share of its calls, without doing their work. @param rate 0 to 1 */
export function failingReplica({ service, methods }: FaultTarget, rate: number): Change {
  return { kind: 'faults', service, replicas: 'last', faults: { methods, errorRate: rate } };
}

/** Makes the last replica of a service reset the streams of a share of its calls, after their work. @param rate 0 to 1 */
export function resettingReplica({ service, methods }: FaultTarget, rate: number): Change {
  return { kind: 'faults', service, replicas: 'last', faults: { methods, resetRate: rate } };
}

/** Stops all replicas of a service. */
export function stoppedService(service: string): Change {
  return { kind: 'stopped', service };
}

/** A DestinationRule, or a subset of it, in a policy file. */
export interface RulePlace {
  /** Relative to the folder of the policies: `rentcar/reservation.yaml`. */
  readonly file: string;
  /** Name of the DestinationRule. */
  readonly rule: string;
  /** Name of a subset; without one the rule's own traffic policy is edited. */
  readonly subset?: string;
}

/** Limits the calls that each caller of a service may have under way: `http2MaxRequests` of the connection pool. */
export function limitedPool({ file, rule, subset }: RulePlace, http2MaxRequests: number): Change {
  return {
    kind: 'policy',
    file,
    edit: (text) => {
      const documents = parseAllDocuments(text);
      const document = documents.find((each) => each.get('kind') === 'DestinationRule' && each.getIn(['metadata', 'name']) === rule);
      if (document === undefined) throw new RangeError(`${file} has no DestinationRule ${rule}`);
      document.setIn([...trafficPolicyPath(document, subset), 'connectionPool', 'http', 'http2MaxRequests'], http2MaxRequests);
      return documents.map((each) => each.toString({ lineWidth: 0 })).join('');
    },
  };
}

function trafficPolicyPath(document: Document, subset: string | undefined): (string | number)[] {
  if (subset === undefined) return ['spec', 'trafficPolicy'];
  // The node's content is checked by the search.
  const { spec } = document.toJS() as { spec?: { subsets?: { name?: string }[] } };
  const index = spec?.subsets?.findIndex(({ name }) => name === subset) ?? -1;
  if (index < 0) throw new RangeError(`the DestinationRule has no subset ${subset}`);
  return ['spec', 'subsets', index, 'trafficPolicy'];
}
