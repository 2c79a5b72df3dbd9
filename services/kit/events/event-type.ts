/** An event message as ts-proto generates it; `$type` is its full name. */
export interface EventType<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}
