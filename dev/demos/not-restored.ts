import type { Undo } from './journal.ts';

/** A change could not be undone; the message says how to undo it by hand. */
export class NotRestored extends Error {
  override readonly name = 'NotRestored';

  constructor(undo: Undo, cause: unknown) {
    super(`${byHand(undo)} (${cause instanceof Error ? cause.message : cause}).`, { cause });
  }
}

function byHand(undo: Undo): string {
  switch (undo.kind) {
    case 'faults':
      return `${undo.service} still has faults: \`npm run service -- fault ${undo.service} off\` ends them`;
    case 'stopped':
      return `${undo.service} is still stopped: \`npm run service -- start ${undo.service}\` starts it`;
    case 'replicas':
      return `${undo.service} still has added replicas: \`npm run service -- scale ${undo.service} ${undo.replicas}\` removes them`;
    case 'policy':
      return `${undo.file} was not restored`;
  }
}
