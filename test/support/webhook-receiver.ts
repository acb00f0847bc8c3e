import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Notification {
  readonly body: string;
  readonly signature: string | undefined;
  readonly deliveryId: string | undefined;
}

/** How a receiver answers its n-th notification (from 1). */
export type Answering = (response: ServerResponse, number: number) => void;

export function answerWith(status: number, headers: Record<string, string> = {}): Answering {
  return (response) => {
    response.writeHead(status, headers).end();
  };
}

/** Takes the connection and the body, and says nothing. */
export const staySilent: Answering = () => {};

/** Takes notifications on 127.0.0.1 and keeps them. */
export class WebhookReceiver {
  readonly notifications: Notification[] = [];
  readonly #server: Server;

  private constructor(answer: Answering) {
    this.#server = createServer((message, response) => {
      void this.#take(message, response, answer);
    });
  }

  static async start(answer: Answering = answerWith(204)): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(answer);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #take(message: IncomingMessage, response: ServerResponse, answer: Answering): Promise<void> {
    let body = '';
    for await (const chunk of message) body += String(chunk);
    const signature = message.headers['x-tat-cancel-signature'];
    const deliveryId = message.headers['x-tat-cancel-delivery'];
    this.notifications.push({
      body,
      signature: Array.isArray(signature) ? signature[0] : signature,
      deliveryId: Array.isArray(deliveryId) ? deliveryId[0] : deliveryId,
    });
    answer(response, this.notifications.length);
  }
}

/** Whether a receiver that knows the secret would believe this notification. */
export function isGenuine({ body, signature = '' }: Notification, secret: string): boolean {
  const [time = '', ...macs] = signature.split(',');
  const seconds = /^t=(\d+)$/.exec(time)?.[1];
  const right = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return macs.includes(`v1=${right}`);
}
