import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { contracts } from '#kit/rpc/contracts.ts';
import { fieldsWithNul } from '#kit/rpc/nul.ts';
import { jsonPath, requestDecoders } from '#kit/rpc/validation.ts';
import { ListReservationsRequest, ReservationServiceService, ReserveCarRequest } from '#proto/rentcar/reservation/v1/reservation.ts';
import { FaultServiceService, SetFaultsRequest } from '#proto/rentmesh/fault/v1/fault.ts';

const decoders = requestDecoders(contracts());
const decodeReserve = decoders(ReservationServiceService.reserveCar);
const decodeFaults = decoders(FaultServiceService.setFaults);

const ID = '0190f5c4-7b1e-7c3a-8f00-3a6d3b1c2d4e';
const reserve = (fields: Partial<ReserveCarRequest>) =>
  Buffer.from(ReserveCarRequest.encode(ReserveCarRequest.fromPartial({ carId: ID, userId: 'anna', ...fields })).finish());

describe('a decoded request', () => {
  it('is what was sent', () => {
    const fields = { carId: ID, userId: 'änne 😀 \uFFFD \uFEFF', userName: '', reservedDate: '2024-02-29' };
    expect(decodeReserve(reserve(fields))).toEqual(fields);
  });

  it('has its UUIDs in lower case, and other texts as they came', () => {
    expect(decodeReserve(reserve({ carId: ID.toUpperCase(), userId: 'ANNA' }))).toMatchObject({ carId: ID, userId: 'ANNA' });
    const list = ListReservationsRequest.encode(ListReservationsRequest.fromPartial({ carId: ID.toUpperCase() })).finish();
    expect(decoders(ReservationServiceService.listReservations)(Buffer.from(list))).toMatchObject({ carId: ID });
  });
});

describe('the acting user', () => {
  it('is the customer who reserves', () => {
    expect(decodeReserve.actingUser?.(decodeReserve(reserve({ userId: 'anna' })))).toBe('anna');
  });

  it('is not the customer whose reservations are listed', () => {
    expect(decoders(ReservationServiceService.listReservations).actingUser).toBeUndefined();
  });
});

describe('U+0000 in a text is INVALID_ARGUMENT and names the field', () => {
  const nul = { description: 'must not contain U+0000' };

  it.each(['userId', 'userName'])('%s', async (field) => {
    await expect(decodeReserve(reserve({ [field]: 'a\0b' }))).rejects.toThrow(
      expect.objectContaining({ code: status.INVALID_ARGUMENT, reason: 'INVALID_FIELD', fieldViolations: [{ field, ...nul }] }),
    );
  });

  it('in a list of a nested message', async () => {
    const bytes = SetFaultsRequest.encode(SetFaultsRequest.fromPartial({ faults: { methods: ['a', 'b\0'] } })).finish();
    await expect(decodeFaults(Buffer.from(bytes))).rejects.toThrow(
      expect.objectContaining({ fieldViolations: [{ field: 'faults.methods[1]', ...nul }] }),
    );
  });

  it('in a key or a value of a map', () => {
    const desc = contracts().getMessage('rentmesh.observer.v1.WatchMeshResponse');
    if (desc === undefined) throw new Error('the contracts have no WatchMeshResponse');
    // Its field is the message with a map of this shape.
    const message = create(desc, { mesh: { calls: [{ statuses: { OK: 1, 'N\0': 2 } }] } } as never);
    expect(fieldsWithNul(desc, message).map(jsonPath)).toEqual([String.raw`mesh.calls[0].statuses["N\u0000"]`]);
  });

  it('and the other fields that are wrong', async () => {
    await expect(decodeReserve(reserve({ carId: '1', userName: '\0' }))).rejects.toThrow(
      expect.objectContaining({
        fieldViolations: [expect.objectContaining({ field: 'userName' }), expect.objectContaining({ field: 'carId' })],
      }),
    );
  });
});

describe('bytes that are not a message are MALFORMED_MESSAGE', () => {
  it.each([
    ['a field that is cut off', [0x0a, 0x05]],
    ['a length beyond the end', [0x0a, 0x7f, 0x61]],
    ['an end of a group that has not begun', [...reserve({}), 0x0c, 0x01]],
    ['an end of a group as the last byte', [...reserve({}), 0x0c]],
    ['field number 0', [...reserve({}), 0x00]],
    ['a number without an end', [0x08, 0xff]],
    ['invalid UTF-8', [0x12, 0x02, 0xc3, 0x28]],
    ['half of a surrogate pair in UTF-8', [0x12, 0x03, 0xed, 0xa0, 0x80]],
  ])('%s', (_, bytes) => {
    expect(() => decodeReserve(Buffer.from(bytes))).toThrow(
      expect.objectContaining({ code: status.INVALID_ARGUMENT, reason: 'MALFORMED_MESSAGE' }),
    );
  });

  it('field number 0 in a nested message', () => {
    expect(() => decodeFaults(Buffer.from([0x0a, 0x01, 0x00]))).toThrow(expect.objectContaining({ reason: 'MALFORMED_MESSAGE' }));
  });

  it('but a field that the contract does not have is skipped', () => {
    expect(decodeReserve(Buffer.concat([reserve({}), Buffer.from([0x7a, 0x01, 0x61])]))).toMatchObject({ carId: ID });
  });
});

describe('a reserved date', () => {
  const isAccepted = async (reservedDate: string) => {
    try {
      await decodeReserve(reserve({ reservedDate }));
      return true;
    } catch (error) {
      expect(error).toMatchObject({ fieldViolations: [{ field: 'reservedDate' }] });
      return false;
    }
  };
  const pad = (value: number, length: number) => String(value).padStart(length, '0');

  it.each([1, 4, 100, 400, 1900, 2000, 2023, 2024, 2100, 9999])('of the year %i is a day of the calendar', async (year) => {
    for (let month = 0; month <= 13; month++) {
      for (let day = 0; day <= 32; day++) {
        const text = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
        const date = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        expect([text, await isAccepted(text)]).toEqual([text, exists]);
      }
    }
  });

  it('is 29 February in leap years only', async () => {
    const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    for (let year = 1; year <= 9999; year++) expect([year, await isAccepted(`${pad(year, 4)}-02-29`)]).toEqual([year, isLeap(year)]);
  });

  it.each(['0000-01-01', '0000-02-29', '10000-01-01', '2026-1-1', '2026-01-01T00:00:00Z', ' 2026-01-01', '2026-01-01\n'])(
    'is not "%s"',
    async (text) => {
      expect(await isAccepted(text)).toBe(false);
    },
  );
});
