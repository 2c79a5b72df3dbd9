import { afterEach, describe, expect, it } from 'vitest';
import { ErrorInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';
import { encodeDetails, setErrorDomain } from './status-details.ts';

afterEach(() => setErrorDomain('rentmesh'));

function domainOfErrors(): string {
  const error = { reason: 'ANY', metadata: {}, fieldViolations: [], retryAfterSeconds: undefined };
  const [detail] = Status.decode(encodeDetails(3, '', error)).details;
  return ErrorInfo.decode(detail?.value ?? new Uint8Array()).domain;
}

describe('the domain of an error', () => {
  it.each([
    ['shop', 'shop.rentmesh'],
    ['edge', 'rentmesh'],
    ['rentmesh', 'rentmesh'],
  ])('follows from the system %s of the service: %s', (system, domain) => {
    setErrorDomain(system);
    expect(domainOfErrors()).toBe(domain);
  });
});
