import type { Finding } from '../../../envoy/policy/source.ts';
import type { Advice } from './advice.ts';

/** Explanations of the generator's findings, by the words of their messages. */
const MEANINGS: readonly { readonly says: RegExp; readonly rule: string; readonly why: string; readonly instead: string }[] = [
  {
    says: /no effect here|needs Istio/,
    rule: 'not-generated',
    why: 'on a cluster Istio acts on it, here nothing does: the same file means two things',
    instead: 'nothing, if the difference is meant; else leave the field out, or move it to the overlay of the cluster',
  },
  {
    says: /^no service has the host/,
    rule: 'unknown-host',
    why: 'Istio accepts the host, and the policy applies to no call',
    instead: 'the full host of a Service or ServiceEntry: name.namespace.svc.cluster.local',
  },
  {
    says: /^nothing reaches this route/,
    rule: 'unreachable-route',
    why: 'the first route that fits is taken, so this one is never used, and what it says does not hold',
    instead: 'the route without match last, or a match for the earlier one',
  },
  {
    says: /defines subset/,
    rule: 'unknown-subset',
    why: 'calls that take the route get 503 at once: their cluster does not exist',
    instead: 'a subset of that name in the DestinationRule, or one that exists',
  },
  {
    says: /has no port/,
    rule: 'unknown-port',
    why: 'calls that take the route get 503 at once: their cluster does not exist',
    instead: 'a port of the Service, or none: then the one that was called is taken',
  },
  {
    says: /^unknown field/,
    rule: 'unknown-field',
    why: 'the API server refuses the object, so nothing of it would hold',
    instead: "the field's name as Istio's reference has it, at its place",
  },
  {
    says: /no effect in Istio any more|no effect in the sidecars|deprecated/,
    rule: 'without-effect',
    why: 'it reads as if it did something',
    instead: 'the field that is named, or nothing',
  },
];

/** A finding of the generator as advice. */
export function adviceOn({ file, line, message }: Finding, severity: Advice['severity']): Advice {
  const meaning = MEANINGS.find(({ says }) => says.test(message));
  const refused = severity === 'error';
  return {
    rule: meaning?.rule ?? (refused ? 'invalid' : 'questionable'),
    severity,
    file,
    line,
    problem: message,
    why: refused ? 'Istio refuses the file, and so does this generator: sidecars keep what they had before' : (meaning?.why ?? NOT_MEANT),
    instead: meaning?.instead ?? 'what the message asks for',
  };
}

const NOT_MEANT = 'Istio accepts it, and it does something else than it seems to say';
