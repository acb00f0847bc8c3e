import { request } from 'node:http';
import { text as readText } from 'node:stream/consumers';

/**
 * Sends a JSON body. A server that refuses one for its size answers before it has read it, and then ends the connection;
 * the answer may be lost over that, and the status is then 0.
 */
export async function postBytes(
  url: string,
  token: string,
  body: string | Buffer,
): Promise<{ status: number; text: string }> {
  return await new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const sent = request(url, { method: 'POST', headers, agent: false }, (answer) => {
      readText(answer)
        .catch(() => '')
        .then((text) => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.on('error', () => resolve({ status: 0, text: '' }));
    sent.end(body);
  });
}
