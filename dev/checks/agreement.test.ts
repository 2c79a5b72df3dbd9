import { describe, expect, it } from 'vitest';
import { disagreements, statusesOf } from './agreement.ts';

const agreement = { agreeing: { DONE: { payment: ['PAID'], view: ['SHOWN', '-'] } } };
const of = (status: string, ...more: string[]) => statusesOf([status, ...more].map((each) => ({ id: 'a1', status: each })));
const none = new Map<string, string>();

function found(order: Map<string, string>, payment: Map<string, string>, view: Map<string, string>): string[] {
  return disagreements(agreement, { statuses: { order, payment, view }, waiting: {} });
}

describe('entities of several services under one id', () => {
  it('agree with every status that the one of the first service allows, absence included', () => {
    expect(found(of('DONE'), of('PAID'), of('SHOWN'))).toEqual([]);
    expect(found(of('DONE'), of('PAID'), none)).toEqual([]);
  });

  it.each([
    ['another status', of('DONE'), of('FREE'), of('SHOWN'), 'order a1 is DONE: payment FREE, view SHOWN'],
    ['a missing entity', of('DONE'), none, of('SHOWN'), 'order a1 is DONE: payment -, view SHOWN'],
    ['two entities', of('DONE'), of('PAID', 'PAID'), of('SHOWN'), 'order a1 is DONE: payment PAID and PAID, view SHOWN'],
    ['a status of a transition', of('BEGUN'), of('PAID'), of('SHOWN'), 'order a1 is BEGUN: payment PAID, view SHOWN'],
    ['nothing at the first service', none, of('PAID'), none, 'order a1 is -: payment PAID, view -'],
  ])('do not agree with %s', (_, order, payment, view, sentence) => {
    expect(found(order, payment, view)).toEqual([sentence]);
  });
});
