import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface HttpClientsOptions {
  readonly url: string;
  readonly token: string;
  /** How many ask at the same time, each on a connection of its own. */
  readonly clients: number;
  /** One for each POST. */
  readonly bodies: readonly string[];
}

export interface PostAnswer {
  readonly status: number;
  readonly text: string;
  /** From sending to the last byte. */
  readonly ms: number;
}

/** Posts all bodies, in their order as far as one can tell, and resolves with the answer to each. */
export async function postAll({ url, token, clients, bodies }: HttpClientsOptions): Promise<PostAnswer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const answers: PostAnswer[] = new Array(bodies.length);
  let next = 0;
  const client = async () => {
    while (next < bodies.length) {
      const index = next++;
      answers[index] = await post(url, token, bodies[index] ?? '', agent);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    agent.destroy();
  }
  return answers;
}

async function post(url: string, token: string, body: string, agent: Agent): Promise<PostAnswer> {
  const startedAt = performance.now();
  return await new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const asking = request(url, { method: 'POST', agent, headers }, (answer) => {
      text(answer).then(
        (answered) =>
          resolve({ status: answer.statusCode ?? 0, text: answered, ms: performance.now() - startedAt }),
        reject,
      );
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
