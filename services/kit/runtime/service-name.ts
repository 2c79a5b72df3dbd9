/** The name of a service: `<system>/<service>`. */
export type ServiceName = `${string}/${string}`;

/** Returns the system of a service: `shop` of `shop/order`. */
export function systemOf(name: ServiceName): string {
  return partsOf(name).system;
}

/**
 * Returns the `service.name` of OpenTelemetry: `order.shop` of `shop/order`. Istio gives sidecars this name by default
 * (`tracingServiceName: APP_LABEL_AND_NAMESPACE`), and Kiali asks for this name, so the spans of a service are beside those of its sidecar.
 */
export function telemetryName(name: ServiceName): string {
  const { system, service } = partsOf(name);
  return `${service}.${system}`;
}

/** Returns the name as part of a client id of Kafka: `shop.order` of `shop/order`, as in the names of consumer groups and topics. */
export function kafkaName(name: ServiceName): string {
  const { system, service } = partsOf(name);
  return `${system}.${service}`;
}

function partsOf(name: ServiceName): { readonly system: string; readonly service: string } {
  const [system = '', service = ''] = name.split('/');
  return { system, service };
}
