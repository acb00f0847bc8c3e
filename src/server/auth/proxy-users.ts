import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { type GroupRole, roles } from '../../shared/settings/index.js';
import { HttpProblem } from '../problem.js';
import type { Identity } from './identity.js';

export interface ProxyUsersOptions {
  /** Addresses and networks with commas between, as TRUST_PROXY has them. */
  readonly proxies: string;
  /** Where the proxy says who it is. */
  readonly userHeader: string;
  /** Where it says what groups they are in, with commas between. */
  readonly groupsHeader?: string | undefined;
  readonly groups: readonly GroupRole[];
}

/** What a name may look like. A comma would be two names: one of the caller, and one of the proxy behind it. */
const userName = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;

/**
 * Users whom a proxy has logged in. Its headers are believed on connections that come from the proxy itself, and passed
 * over on any other: whoever gets past the proxy could send them, too.
 */
export class ProxyUsers {
  readonly #proxies: [ipaddr.IPv4 | ipaddr.IPv6, number][];

  constructor(private readonly options: ProxyUsersOptions) {
    this.#proxies = options.proxies
      .split(',')
      .map((each) => each.trim())
      .map((each) => (each.includes('/') ? ipaddr.parseCIDR(each) : hostOf(each)));
  }

  /**
   * Undefined when no proxy names anybody.
   * @throws {HttpProblem} for a name that may be made up, and for a user without a role
   */
  identify(request: IncomingMessage): Identity | undefined {
    const { userHeader, groupsHeader } = this.options;
    if (!this.#isFromProxy(request)) return undefined;
    const name = only(request, userHeader);
    if (name === undefined || name === '') return undefined;
    if (!userName.test(name)) {
      throw new HttpProblem('UNAUTHENTICATED', `The proxy sends a ${userHeader} that is no name of a user.`);
    }
    const listed = groupsHeader === undefined ? undefined : only(request, groupsHeader);
    const role = this.#roleOf(listed?.split(',').map((group) => group.trim()) ?? []);
    if (role === undefined) {
      throw new HttpProblem('FORBIDDEN', `${name} is in no group that may use this server (TRUSTED_GROUPS).`);
    }
    return { name, role, via: 'proxy' };
  }

  #isFromProxy({ socket }: IncomingMessage): boolean {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || !ipaddr.isValid(remoteAddress)) return false;
    const address = ipaddr.process(remoteAddress);
    return this.#proxies.some(
      ([network, bits]) => network.kind() === address.kind() && address.match(network as never, bits),
    );
  }

  /** The highest of those that the groups give. */
  #roleOf(groups: readonly string[]) {
    const given = this.options.groups
      .filter(({ group }) => group === '*' || groups.includes(group))
      .map(({ role }) => role);
    return roles.findLast((role) => given.includes(role));
  }
}

function hostOf(address: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const parsed = ipaddr.process(address);
  return [parsed, parsed.kind() === 'ipv4' ? 32 : 128];
}

/**
 * A header that is there once. Twice, one of them is the caller's own: the proxy adds to it instead of replacing it.
 * @throws {HttpProblem}
 */
function only({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  const values = rawHeaders.filter(
    (_text, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name.toLowerCase(),
  );
  if (values.length > 1) {
    throw new HttpProblem('UNAUTHENTICATED', `${name} came twice: the proxy must replace what callers send.`);
  }
  return values[0];
}
