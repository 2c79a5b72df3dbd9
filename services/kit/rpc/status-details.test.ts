import { afterEach, describe, expect, it } from 'vitest';
import { ErrorInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';
import { encodeDetails, setErrorDomain } from './status-details.ts';

afterEach(() => setErrorDomain('rentmesh.test'));

function domainOfErrors(): string {
  const error = { reason: 'ANY', metadata: {}, fieldViolations: [], retryAfterSeconds: undefined };
  const [detail] = Status.decode(encodeDetails(3, '', error)).details;
  return ErrorInfo.decode(detail?.value ?? new Uint8Array()).domain;
}

describe('the domain of an error', () => {
  it.each([
    ['shop.order', 'shop.rentmesh'],
    ['edge.gateway', 'rentmesh'],
    ['rentmesh.observer', 'rentmesh'],
  ])('follows from the name of the service %s: %s', (service, domain) => {
    setErrorDomain(service);
    expect(domainOfErrors()).toBe(domain);
  });
});
