import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { describe, expect, it } from 'vitest';
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from '#proto/es/google/rpc/error_details_pb.ts';
import { problemOf, problemOfRead, setProblemWords } from './problem.ts';

function failure(code: Code, reason: string, metadata: Record<string, string> = {}): ConnectError {
  return new ConnectError('as the service says it', code, undefined, [{ desc: ErrorInfoSchema, value: { reason, metadata } }]);
}

describe('a problem', () => {
  it.each([
    'IDEMPOTENCY_KEY_REUSED',
    'INVALID_FIELD',
    'OVERLOADED',
    'RATE_LIMITED',
    'STORE_UNAVAILABLE',
    'UPSTREAM_UNAVAILABLE',
    'UPSTREAM_TIMEOUT',
  ])('says of %s what happened and what to do, without words of the inside', (reason) => {
    const { title, advice } = problemOf(failure(Code.Internal, reason));
    expect(`${title} ${advice}`).toMatch(/^[A-Z].*\. [A-Z].*\.$/);
    expect(`${title} ${advice}`).not.toContain('as the service says it');
    expect(title).not.toBe(problemOf(new ConnectError('', Code.Internal)).title);
  });

  it('is found for every code that carries no reason', () => {
    const codes = Object.values(Code).filter((code) => typeof code === 'number');
    for (const code of codes) expect(problemOf(new ConnectError('', code)).advice).toMatch(/\.$/);
  });

  it('can be repeated after the time that the system names, in whole seconds', () => {
    const error = failure(Code.Unavailable, 'STORE_UNAVAILABLE');
    error.details.push({ desc: RetryInfoSchema, value: { retryDelay: { seconds: 2n, nanos: 1 } } });
    expect(problemOf(error).retryAfterSeconds).toBe(3);
    const header = new ConnectError('', Code.Unavailable, new Headers({ 'retry-after': '7' }));
    expect(problemOf(header).retryAfterSeconds).toBe(7);
  });

  it('has the words of the current system before the common ones', () => {
    setProblemWords({ SOLD_OUT: { title: 'This is sold out.', advice: 'Choose another one.' } });
    expect(problemOf(failure(Code.FailedPrecondition, 'SOLD_OUT')).title).toBe('This is sold out.');
    setProblemWords({});
    expect(problemOf(failure(Code.FailedPrecondition, 'SOLD_OUT')).title).not.toBe('This is sold out.');
  });

  it('of a domain rule cannot be repeated, and one that passes can', () => {
    expect(problemOf(failure(Code.AlreadyExists, 'IDEMPOTENCY_KEY_REUSED')).retryAfterSeconds).toBeUndefined();
    expect(problemOf(failure(Code.Unavailable, 'STORE_UNAVAILABLE')).retryAfterSeconds).toBe(1);
  });

  it('names the fields that are wrong, by their JSON names', () => {
    const error = failure(Code.InvalidArgument, 'INVALID_FIELD');
    const value = create(BadRequestSchema, { fieldViolations: [{ field: 'carName', description: 'is empty' }] });
    error.details.push({ desc: BadRequestSchema, value });
    expect(problemOf(error).fields).toEqual({ carName: 'is empty' });
  });

  it('speaks of a form only where something was sent', () => {
    const error = failure(Code.InvalidArgument, 'INVALID_FIELD');
    expect(problemOf(error).title).toContain('form');
    expect(problemOfRead(error)).toMatchObject({ title: 'There can be nothing like this.', reason: 'INVALID_FIELD' });
    expect(problemOfRead(new ConnectError('', Code.NotFound))).toEqual(problemOf(new ConnectError('', Code.NotFound)));
  });

  it('carries what its reason is about', () => {
    expect(problemOf(failure(Code.AlreadyExists, 'IDEMPOTENCY_KEY_REUSED', { reservationId: 'r' })).about).toEqual({ reservationId: 'r' });
  });

  it('is a network away if no answer came, as fetch tells by a TypeError', () => {
    expect(problemOf(ConnectError.from(new TypeError('Failed to fetch')))).toMatchObject({ reason: 'NETWORK_AWAY', retryAfterSeconds: 1 });
  });
});
