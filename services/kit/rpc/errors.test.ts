import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { failedPrecondition, invalidArgument, notFound, RpcError, toRpcError, unavailable } from './errors.ts';
import { toStatus } from './server.ts';
import { STATUS_DETAILS } from './status-details.ts';

/** What a client sees of an error: the same that grpc-js makes of its status. */
function received(error: RpcError): RpcError {
  const { code, details, metadata } = toStatus(error);
  const serviceError: ServiceError = Object.assign(new Error(`${code}: ${details}`), { code, details, metadata });
  return toRpcError(serviceError);
}

describe('an error that is answered', () => {
  it('arrives with code, message, reason and metadata', () => {
    const error = received(notFound('THING_NOT_FOUND', 'there is no thing 7', { thingId: '7' }));
    expect(error).toMatchObject({
      code: status.NOT_FOUND,
      reason: 'THING_NOT_FOUND',
      message: 'there is no thing 7',
      metadata: { thingId: '7' },
    });
    expect(error.retryAfterSeconds).toBeUndefined();
  });

  it('arrives with the fields that are wrong', () => {
    const error = received(invalidArgument('items[1].thingId', 'must be a valid UUID'));
    expect(error).toMatchObject({
      code: status.INVALID_ARGUMENT,
      reason: 'INVALID_FIELD',
      fieldViolations: [{ field: 'items[1].thingId', description: 'must be a valid UUID' }],
    });
  });

  it('says when to try again, in its details and in retry-after as whole seconds', () => {
    const error = unavailable('BUSY', 'busy', { retryAfterSeconds: 2.5 });
    expect(toStatus(error).metadata.get('retry-after')).toEqual(['3']);
    expect(received(error).retryAfterSeconds).toBe(2.5);
    expect(received(unavailable('BUSY', 'busy')).retryAfterSeconds).toBe(1);
  });

  it('says that it never left the pod where the sidecar says so, and does not say it on to the next caller', () => {
    const error = received(new RpcError(status.UNAVAILABLE, 'OVERLOADED', 'too many', { metadata: { neverSent: 'true', a: 'b' } }));
    expect(error).toMatchObject({ nothingDone: true, metadata: { a: 'b' } });
    expect(error.metadata).not.toHaveProperty('neverSent');
    expect(received(error).nothingDone).toBe(false);
  });

  it('stays below the header limit of the proxies, whatever its texts are', () => {
    const long = '🚗\ud800'.repeat(20_000);
    const metadata = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`${index}${long}`, long]));
    const fieldViolations = Array.from({ length: 100 }, () => ({ field: long, description: long }));
    const { details, metadata: headers } = toStatus(
      new RpcError(status.INVALID_ARGUMENT, 'LONG', long, { metadata, fieldViolations, retryAfterSeconds: 1 }),
    );
    const [bytes] = headers.get(STATUS_DETAILS);
    const size = encodeURI(details).length + Buffer.from(bytes ?? '').toString('base64').length;
    expect(size).toBeLessThan(40 * 1024);
  });
});

describe('a thrown value', () => {
  it('stays itself if it is an RpcError', () => {
    const error = failedPrecondition('NOT_NOW', 'not now');
    expect(toRpcError(error)).toBe(error);
  });

  it.each([
    ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['a connection refused at each address', new AggregateError([Object.assign(new Error(''), { code: 'ECONNREFUSED' })])],
    ['an administrator shutting the database down', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['a connection exception', Object.assign(new Error('x'), { code: '08006' })],
    ['a connection that ended in a query', new Error('Connection terminated unexpectedly')],
    ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
    ['a MongoDB that cannot be selected', Object.assign(new Error('x'), { name: 'MongoServerSelectionError' })],
  ])('is UNAVAILABLE, to be repeated, if it is %s', (_, error) => {
    expect(toRpcError(error)).toMatchObject({ code: status.UNAVAILABLE, reason: 'STORE_UNAVAILABLE', retryAfterSeconds: 1, cause: error });
  });

  it('is UNAVAILABLE, to be repeated, if it is a transaction that lost against another', () => {
    const error = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    expect(toRpcError(error)).toMatchObject({ code: status.UNAVAILABLE, reason: 'STORE_BUSY', retryAfterSeconds: 1, cause: error });
  });

  it.each([[new Error('password of the database is 1234')], ['a text'], [undefined], [{ code: 5 }]])(
    'hides internal details: %s',
    (value) => {
      expect(toRpcError(value)).toMatchObject({ code: status.INTERNAL, reason: 'INTERNAL', message: 'internal error', metadata: {} });
    },
  );

  it('keeps the code of a peer or proxy that says nothing more, and gives UNAVAILABLE a time to try again', () => {
    const plain = (code: status): ServiceError =>
      Object.assign(new Error('x'), { code, details: 'no healthy upstream', metadata: new Metadata() });
    expect(toRpcError(plain(status.UNAVAILABLE))).toMatchObject({ code: status.UNAVAILABLE, reason: 'UNAVAILABLE', retryAfterSeconds: 1 });
    expect(toRpcError(plain(status.DEADLINE_EXCEEDED)).retryAfterSeconds).toBeUndefined();
  });

  it('keeps the code of a peer whose details cannot be read', () => {
    const metadata = new Metadata();
    metadata.set(STATUS_DETAILS, Buffer.from([0xff, 0xff]));
    const error: ServiceError = Object.assign(new Error('x'), { code: status.ABORTED, details: 'x', metadata });
    expect(toRpcError(error)).toMatchObject({ code: status.ABORTED, reason: 'ABORTED' });
  });
});
