/** What is mounted on the shared server while it runs. The same shape as in exchange/connectors, which may not be imported here. */

export interface HttpHost {
  /** Takes every method on exactly this path, until `unmount`. Throws CONFIG_INVALID when the path is taken or not absolute. */
  mount(path: string, handler: HttpHandler): { unmount(): void };
}

export interface HttpIncoming {
  readonly method: string;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** The authenticated client, or the remote address. */
  readonly peer: string;
}

export interface HttpOutgoing {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export type HttpHandler = (request: HttpIncoming) => Promise<HttpOutgoing>;
