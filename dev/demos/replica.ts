/** A replica of a service: its name and pod address. */
export interface Replica {
  readonly name: string;
  readonly address: string;
}
