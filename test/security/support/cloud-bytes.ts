import { gzipSync } from 'node:zlib';
import type { Behaviour } from '../../support/misbehaving-server.js';
import { deepJson, type FuzzSource } from './fuzz-source.js';

/** One answer of a cloud that has lost its mind. */
export function madAnswer(fuzz: FuzzSource): { name: string; bytes: number; behave: Behaviour } {
  const body = madBody(fuzz);
  const status = fuzz.pick([200, 200, 200, 200, 204, 301, 400, 404, 429, 500, 503, 599]);
  const type = fuzz.pick(['application/json', 'text/html', 'application/octet-stream', 'image/png']);
  const encoding = fuzz.pick([undefined, undefined, undefined, 'gzip', 'br', 'nonsense']);
  const isRaw = fuzz.number(8) === 0;
  return {
    name: `${isRaw ? 'raw ' : ''}${status} ${type} ${encoding} ${JSON.stringify(body.subarray(0, 80).toString('latin1'))}`,
    bytes: body.length,
    behave: (response) => {
      if (isRaw) {
        response.socket?.end(body);
        return;
      }
      response.writeHead(status, {
        'content-type': type,
        ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
      });
      response.end(status === 204 ? undefined : body);
    },
  };
}

function madBody(fuzz: FuzzSource): Buffer {
  switch (fuzz.number(5)) {
    case 0:
      return fuzz.bytes(fuzz.number(5_000));
    case 1:
      return Buffer.from(JSON.stringify(fuzz.value()));
    case 2:
      return Buffer.from(JSON.stringify({ Response: fuzz.value() }));
    case 3:
      return fuzz.damage(Buffer.from(JSON.stringify(plausible(fuzz))));
    default:
      return Buffer.from(JSON.stringify(plausible(fuzz)));
  }
}

/** The right fields with anything in them. */
function plausible(fuzz: FuzzSource): object {
  const some = <Value>(right: Value) => (fuzz.number(3) === 0 ? fuzz.value(2) : right);
  return {
    Response: {
      RequestId: some('b27421da-0ad4-4e11-b694-cda143606701'),
      ...(fuzz.number(3) === 0
        ? { Error: some({ Code: some(fuzz.text()), Message: some(fuzz.text(3_000)) }) }
        : {}),
      TotalCount: some(fuzz.pick([0, 1, 5, 1e9])),
      InvocationSet: some([
        {
          InvocationId: some('inv-00000001'),
          InvocationStatus: some('RUNNING'),
          CommandName: some(fuzz.text()),
          InvocationTaskBasicInfoSet: some([
            { InstanceId: some('ins-00000001'), TaskStatus: some('RUNNING') },
          ]),
        },
      ]),
      InvocationTaskSet: some([{ InstanceId: some('ins-00000001'), TaskStatus: some('RUNNING') }]),
      InvokerSet: some([{ InvokerId: some('ivk-1'), Enable: some(true), Name: some(fuzz.text()) }]),
      InvokerRecordSet: some([]),
    },
  };
}

function whole(body: Buffer | string, headers: Record<string, string> = {}): Behaviour {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };
}

/** Answers that are too much of something. */
export const floods: readonly [string, Behaviour][] = [
  ['JSON in JSON in JSON', whole(`{"Response":${deepJson(200_000)}}`)],
  ['objects in objects', whole(`${'{"Response":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
  ['50 MB of blanks', whole(`{"Response":{"RequestId":"${' '.repeat(50_000_000)}"}}`)],
  ['100 MB', whole(Buffer.alloc(100_000_000, 0x20))],
  [
    'a million tasks',
    whole(
      `{"Response":{"RequestId":"r","TotalCount":1,"InvocationSet":[{"InvocationId":"inv-00000001","InvocationStatus":"RUNNING","InvocationTaskBasicInfoSet":[${'{},'.repeat(999_999)}{}]}]}}`,
    ),
  ],
  ['a bomb of gzip', whole(gzipSync(Buffer.alloc(200_000_000, 0x20)), { 'content-encoding': 'gzip' })],
];
