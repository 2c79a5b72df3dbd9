import { createConnectTransport } from '@connectrpc/connect-web';

/** Default deadline of a call, in milliseconds. */
const TIMEOUT_MS = 15_000;

/** Calls the edge that served the page. Methods without side effects use GET, so a browser can revalidate responses. */
export const transport = createConnectTransport({ baseUrl: location.origin, useHttpGet: true, defaultTimeoutMs: TIMEOUT_MS });
