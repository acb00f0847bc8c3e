import { describe, expect, it } from 'vitest';
import { EndpointError, isRegion, parseEndpoint } from '../../src/cloud/endpoint.js';

describe('parseEndpoint', () => {
  it.each([
    ['https://tat.intl.tencentcloudapi.com', 'https:', 'tat.intl.tencentcloudapi.com'],
    ['https://tat.intl.tencentcloudapi.com/', 'https:', 'tat.intl.tencentcloudapi.com'],
    ['https://tat.{region}.tencentcloudapi.com', 'https:', 'tat.ap-tokyo.tencentcloudapi.com'],
    ['https://gateway.example:8443', 'https:', 'gateway.example:8443'],
    ['http://127.0.0.1:9000', 'http:', '127.0.0.1:9000'],
    ['http://127.8.8.8', 'http:', '127.8.8.8'],
    ['http://localhost:9000', 'http:', 'localhost:9000'],
    ['http://[::1]:9000', 'http:', '[::1]:9000'],
  ])('takes %s', (text, protocol, host) => {
    const endpoint = parseEndpoint(text);
    expect([endpoint.protocol, endpoint.hostFor('ap-tokyo')]).toEqual([protocol, host]);
  });

  it.each([
    ['https://TAT.Intl.TencentCloudAPI.com', 'tat.intl.tencentcloudapi.com'],
    ['HTTPS://tat.intl.tencentcloudapi.com:443', 'tat.intl.tencentcloudapi.com'],
    ['https://tat.intl.tencentcloudapi.com.', 'tat.intl.tencentcloudapi.com'],
    ['https://tat.intl.tencentcloudapi.com.:443/', 'tat.intl.tencentcloudapi.com'],
    ['https://TAT.{Region}.tencentcloudapi.com.:443', 'tat.ap-tokyo.tencentcloudapi.com'],
    ['https://gateway.example.:08443', 'gateway.example:8443'],
    ['http://127.1:9000', '127.0.0.1:9000'],
    ['http://LOCALHOST.:80', 'localhost'],
  ])('gives %s the host that its other spellings have', (text, host) => {
    expect(parseEndpoint(text).hostFor('ap-tokyo')).toBe(host);
  });

  it('tells the endpoint in one spelling', () => {
    expect(parseEndpoint('HTTPS://Tat.{REGION}.Example.:443').text).toBe('https://tat.{region}.example');
  });

  it.each([
    ['http://tat.intl.tencentcloudapi.com', 'loopback only'],
    ['http://127.0.0.1.evil.example', 'loopback only'],
    ['http://localhost.evil.example', 'loopback only'],
    ['http://0.0.0.0:80', 'loopback only'],
    ['ftp://127.0.0.1', 'https://'],
    ['tat.intl.tencentcloudapi.com', 'not a URL'],
    ['', 'not a URL'],
    ['https://', 'not a URL'],
    ['https://key:secret@tat.example', 'user name'],
    ['https://tat.example/v3', 'host alone'],
    ['https://tat.example/?a=b', 'host alone'],
    ['https://tat.example/{region}', 'host alone'],
    ['https://tat.example/#x', 'host alone'],
  ])('refuses "%s"', (text, reason) => {
    const attempt = () => parseEndpoint(text);
    expect(attempt).toThrow(EndpointError);
    expect(attempt).toThrow(reason);
  });

  it('does not repeat a password in its complaint', () => {
    expect(() => parseEndpoint('https://key:hunter2@tat.example')).not.toThrow(/hunter2/);
  });
});

describe('isRegion', () => {
  it.each(['ap-singapore', 'na-siliconvalley', 'ap-shanghai-fsi', 'eu-frankfurt', 'ap-guangzhou-2'])(
    'takes %s',
    (text) => {
      expect(isRegion(text)).toBe(true);
    },
  );

  it.each(['', 'ap', 'ap-', '-ap', 'ap--x', 'Ap-x', 'ap_x', 'ap-x.y', 'ap-x/', 'ap-x@y', 'ap-x\n', 'ap-é'])(
    'refuses "%s"',
    (text) => {
      expect(isRegion(text)).toBe(false);
    },
  );
});
