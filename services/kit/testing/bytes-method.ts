/** Returns a unary method whose messages are bytes, as grpc-js takes it. @param path `/shop.order.v1.OrderService/Order` */
export function bytesMethod(path: string) {
  const same = (bytes: Buffer) => bytes;
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}
