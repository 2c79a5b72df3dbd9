import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { Mypage_Status, MypageServiceService } from '#proto/rentcar/mypage/v1/mypage.ts';
import { Rental_Status, RentalServiceService } from '#proto/rentcar/rental/v1/rental.ts';
import { Reservation_Status, ReservationServiceService } from '#proto/rentcar/reservation/v1/reservation.ts';
import { channel, client } from './grpc.ts';
import { edge } from './instance.ts';
import type { Car, Mypage, Rental, Reservation, Wish } from './rentcar.ts';
import { listAll, rest } from './rest.ts';

/** What a customer and an administrator do, whichever way they come in. Answers have the form of JSON. */
export interface Door {
  registerCar(car: { carName: string; qty: number }): Promise<Car>;
  getCar(carId: string): Promise<Car>;
  reserveCar(wish: Wish): Promise<Reservation>;
  getReservation(reservationId: string): Promise<Reservation>;
  cancelReservation(reservationId: string): Promise<Reservation>;
  getRental(rentalId: string): Promise<Rental>;
  listRentals(filter: { reservationId: string }): Promise<Rental[]>;
  completeRental(rentalId: string): Promise<Rental>;
  getMypage(reservationId: string): Promise<Mypage>;
}

const restDoor: Door = {
  registerCar: (car) => rest('POST', '/rentcar/cars', car),
  getCar: (carId) => rest('GET', `/rentcar/cars/${carId}`),
  reserveCar: (wish) => rest('POST', '/rentcar/reservations', wish),
  getReservation: (reservationId) => rest('GET', `/rentcar/reservations/${reservationId}`),
  cancelReservation: (reservationId) => rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {}),
  getRental: (rentalId) => rest('GET', `/rentcar/rentals/${rentalId}`),
  listRentals: ({ reservationId }) => listAll('/rentcar/rentals', 'rentals', { reservation_id: reservationId }),
  completeRental: (rentalId) => rest('POST', `/rentcar/rentals/${rentalId}:complete`, {}),
  getMypage: (reservationId) => rest('GET', `/rentcar/mypages/${reservationId}`),
};

const connection = channel(edge.address);
/** The services' clients at the edge. */
export const cars = client(connection, CarServiceService);
export const reservations = client(connection, ReservationServiceService);
export const rentals = client(connection, RentalServiceService);
export const mypages = client(connection, MypageServiceService);

const grpcDoor: Door = {
  registerCar: async (request) => present((await cars.registerCar(request)).car),
  getCar: async (carId) => present((await cars.getCar({ carId })).car),
  reserveCar: async (wish) => reservationJson((await reservations.reserveCar(wish)).reservation),
  getReservation: async (reservationId) => reservationJson((await reservations.getReservation({ reservationId })).reservation),
  cancelReservation: async (reservationId) => reservationJson((await reservations.cancelReservation({ reservationId })).reservation),
  getRental: async (rentalId) => rentalJson((await rentals.getRental({ rentalId })).rental),
  listRentals: async (filter) => (await rentals.listRentals(filter)).rentals.map(rentalJson),
  completeRental: async (rentalId) => rentalJson((await rentals.completeRental({ rentalId })).rental),
  getMypage: async (reservationId) => {
    const mypage = present((await mypages.getMypage({ reservationId })).mypage);
    return { ...mypage, status: nameOf(Mypage_Status, mypage.status), updateTime: time(mypage.updateTime) };
  },
};

/** The system as one of its two doors shows it. */
export function door(name: 'REST' | 'gRPC'): Door {
  return name === 'REST' ? restDoor : grpcDoor;
}

function reservationJson(message: Awaited<ReturnType<typeof reservations.getReservation>>['reservation']): Reservation {
  const reservation = present(message);
  const { createTime, updateTime, status } = reservation;
  return { ...reservation, status: nameOf(Reservation_Status, status), createTime: time(createTime), updateTime: time(updateTime) };
}

function rentalJson(message: Awaited<ReturnType<typeof rentals.getRental>>['rental']): Rental {
  const rental = present(message);
  const { createTime, updateTime, status } = rental;
  return { ...rental, status: nameOf(Rental_Status, status), createTime: time(createTime), updateTime: time(updateTime) };
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find((name) => names[name] === value) ?? String(value);
}

function time(date: Date | undefined): string {
  return present(date).toISOString();
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the answer lacks what it is about');
  return value;
}
