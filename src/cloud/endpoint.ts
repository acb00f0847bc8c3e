const regionPattern = /^[a-z]{2,}(-[a-z0-9]+)+$/;
const regionSlot = '{region}';
/** Stands in for the region while the endpoint is read as a URL. */
const someRegion = 'some-region';

/** Where the API is reached. */
export interface Endpoint {
  /** The endpoint as all its spellings have it, with `{region}` where the region goes. */
  readonly text: string;
  readonly protocol: 'https:' | 'http:';
  /** Host and port to call for a region. The region must have passed `isRegion`. */
  hostFor(region: string): string;
}

/** The endpoint is not one that calls, and the key that signs them, may be sent to. */
export class EndpointError extends Error {
  readonly code = 'INVALID_ENDPOINT';
  override readonly name = 'EndpointError';
}

/** Whether the text looks like a region, so that it is safe to make it part of a host name or a header. */
export function isRegion(text: string): boolean {
  return text.length <= 40 && regionPattern.test(text);
}

/**
 * Reads an endpoint as `https://tat.intl.tencentcloudapi.com` or `https://tat.{region}.tencentcloudapi.com`. Plain
 * HTTP is for this machine only, since signed requests would be readable on the way.
 *
 * @throws {EndpointError} saying what is wrong with it
 */
export function parseEndpoint(text: string): Endpoint {
  const url = parseUrl(text.replaceAll(/\{region\}/gi, someRegion));
  // One bucket of the cloud must have one name, whichever way its host is written: `URL` settles case and default port.
  url.hostname = url.hostname.replace(/\.$/, '');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EndpointError(`The endpoint must begin with https://, not with ${url.protocol}//.`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new EndpointError(`The endpoint ${url.hostname} must use https://: http:// is for loopback only.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new EndpointError('The endpoint must not hold a user name or password.');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new EndpointError('The endpoint must be a host alone, without path, query or fragment.');
  }
  const host = url.host.replaceAll(someRegion, regionSlot);
  return {
    text: `${url.protocol}//${host}`,
    protocol: url.protocol,
    hostFor: (region) => host.replaceAll(regionSlot, region),
  };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new EndpointError('The endpoint is not a URL such as https://tat.intl.tencentcloudapi.com.');
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}
