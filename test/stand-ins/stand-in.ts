/** An image that stands in for an official one where there is no registry: the same name, the same variables, this machine's engine. */
export interface StandIn {
  /** Name and tag of the official image, as mesh/components/laptop and docker-compose.yml have them. */
  readonly image: string;
  /** Its root filesystem: folders to lay over each other. */
  readonly layers: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** uid:gid, as in the official image. */
  readonly user: string;
  readonly env: readonly string[];
  readonly stopSignal: string;
}
