import type { Behaviour } from './misbehaving-server.js';

/** Answers with these bytes, as the API does when all is well: HTTP 200 and JSON. */
export function answersText(text: string, contentType = 'application/json', status = 200): Behaviour {
  return (response) => {
    response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
}

export function answersJson(body: unknown): Behaviour {
  return answersText(JSON.stringify(body));
}

/** The answer of a call that went well. */
export function succeeds(fields: object = {}, requestId = 'b27421da-0ad4-4e11-b694-cda143606701'): Behaviour {
  return answersJson({ Response: { ...fields, RequestId: requestId } });
}

/** An error as the API tells it: with HTTP 200. */
export function refuses(code: unknown, message: string): Behaviour {
  return answersJson({ Response: { Error: { Code: code, Message: message }, RequestId: 'req-1' } });
}

/** Another HTTP status, with a body of this many bytes. */
export function answersStatus(status: number, bodyBytes = 20): Behaviour {
  return answersText('x'.repeat(bodyBytes), 'text/html', status);
}

export const neverAnswers: Behaviour = () => {};

export const stallsInBody: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
  response.write('{"Response":');
};

export const cutsBody: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
  response.write('{"Response":', () => response.socket?.destroy());
};

export const cutsChunks: Behaviour = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"Response":', () => response.socket?.destroy());
};

export const resets: Behaviour = (response) => {
  response.socket?.resetAndDestroy();
};

export const hangsUp: Behaviour = (response) => {
  response.socket?.end();
};

/** Sends the caller back to where it came from, for ever. */
export const redirectsToItself: Behaviour = (response, request) => {
  response.writeHead(307, { location: request.path });
  response.end();
};

/** JSON without end, in chunks, as fast as it is taken. */
export const neverEnds: Behaviour = repeats(' '.repeat(16_384));

/** JSON that opens lists without end. */
export const neverClosesLists: Behaviour = repeats('['.repeat(16_384));

/** JSON that has ever more fields of different names. */
export const neverEndsNaming: Behaviour = repeats(
  `{${Array.from({ length: 2_000 }, (_, index) => `"f${index}":1`).join()},`,
);

function repeats(text: string): Behaviour {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const fill = () => {
      while (!response.destroyed && response.write(text));
    };
    response.on('drain', fill);
    fill();
  };
}

/** Not HTTP at all. */
export const speaksNonsense: Behaviour = (response) => {
  response.socket?.end('220 ready, 250 as you like\r\n\r\n');
};
