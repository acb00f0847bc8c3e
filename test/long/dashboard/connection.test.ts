import { expect, it } from 'vitest';
import { region, tokens } from '../../dashboard/support/page-scene.js';
import { describePage } from '../../dashboard/support/page-suite.js';

describePage('a page that stays open', {}, (suite) => {
  it('says that the connection is lost, and goes on by itself when the server is back', async () => {
    const user = suite.user();
    const { page } = user;
    await user.logIn('operate');
    await user.ask('window.isSamePage = true');
    await page.getByText(/calls\/s$/).waitFor();
    await suite.scene().killServer();
    await page.getByText('Connection lost.').waitFor();
    expect(await page.locator('.pulse').textContent()).toBe('not connected');
    const [invocation] = suite.scene().simulator.addInvocations(1, { instances: 5, region });
    await suite.scene().producer.enqueue({
      targets: [
        { invocationId: invocation?.invocationId ?? '', instanceIds: [...(invocation?.instanceIds ?? [])] },
      ],
      reason: 'asked for meanwhile',
    });
    await suite.scene().restartServer();
    await page.getByText('Connection lost.').waitFor({ state: 'detached' });
    await page.getByText('asked for meanwhile').waitFor();
    expect(await user.ask('window.isSamePage')).toBe(true);
  });

  it('tells when the server gets no answer from Redis, and when it does again', async () => {
    const { page } = suite.user();
    await suite.scene().redis.kill('SIGKILL');
    await page.getByText('The server gets no answer from Redis.').waitFor({ timeout: 30_000 });
    expect(await page.locator('.banners').textContent()).toContain(
      'Redis does not answer; nothing that was accepted is lost.',
    );
    await suite.scene().redis.restart();
    await page
      .getByText('The server gets no answer from Redis.')
      .waitFor({ state: 'detached', timeout: 30_000 });
  });

  it('tells in words why everything is held, and what to do', async () => {
    const { page } = suite.user();
    const { client, simulator, producer } = suite.scene();
    simulator.faults.add({ action: 'CancelInvocation', code: 'AuthFailure.SecretIdNotFound' });
    simulator.faults.add({ action: 'DescribeInvocations', code: 'AuthFailure.SecretIdNotFound' });
    const [invocation] = simulator.addInvocations(1, { region });
    const { requestId } = await producer.enqueue({
      targets: [
        { invocationId: invocation?.invocationId ?? '', instanceIds: [...(invocation?.instanceIds ?? [])] },
      ],
    });
    await page.getByText('Held: no calls are made.').waitFor();
    const banner = await page.locator('.banners').textContent();
    expect(banner).toContain('The SecretId is absent, deleted or disabled.');
    expect(banner).toContain('What to do:');
    expect(await client.exists('{tat-cancel}:held')).toBe(1);
    simulator.faults.clear();
    await page.getByText('Held: no calls are made.').waitFor({ state: 'detached', timeout: 30_000 });
    await producer.waitUntilFinished(requestId);
  });
});

describePage('whoever is at the page', { workers: 0 }, (suite) => {
  it('is not let in with a wrong token, and is told so', async () => {
    const { page } = suite.user();
    await suite.user().goTo('/requests?state=running');
    await page.getByLabel('Access token').fill('a-wrong-token-7d1f9ac2e6b4');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    expect(await page.getByRole('heading', { name: 'Requests' }).count()).toBe(0);
  });

  it('gets where they wanted to go once they are in, and out again', async () => {
    const { page } = suite.user();
    await page.getByLabel('Access token').fill(tokens.read);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('radio', { name: 'Running', checked: true }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Access token').waitFor();
  });

  it('gets to a page that is not part of this one, by the log-in if need be', async () => {
    const { page, complaints } = suite.user();
    const { url } = suite.scene();
    await suite.user().goTo('/queues/queue/tat-cancel?status=latest');
    await page.getByLabel('Access token').fill(tokens.read);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${url}/queues/queue/tat-cancel?status=latest`);
    expect(await page.title()).toContain('tat-cancel queues');
    // As with a link from another site, where the browser keeps the cookie back at first.
    await suite.user().goTo('/login?next=%2Fdocs%2F');
    await page.waitForURL(`${url}/docs/`);
    // The board would like to have fonts from elsewhere.
    expect(complaints.splice(0).filter((each) => !each.includes('fonts.googleapis.com'))).toEqual([]);
  });

  it('is led to no other site by an address that only looks like one of this', async () => {
    const { page } = suite.user();
    await suite.user().goTo('/login?next=/%09/evil.example');
    await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
    expect(page.url()).toBe(`${suite.scene().url}/`);
  });

  it('is told when the page breaks, and can load it anew', async () => {
    const { page, complaints } = suite.user();
    await page.route('**/v1/cancel-requests?*', (route) => route.fulfill({ json: { requests: [{}] } }));
    await suite.user().goTo('/requests');
    await page.getByRole('heading', { name: 'This page broke' }).waitFor();
    await page.unroute('**/v1/cancel-requests?*');
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'Requests' }).waitFor();
    expect(complaints.splice(0).join('\n')).toContain('TypeError');
  });

  it('is asked for the token again when the session is over, and stays where they were', async () => {
    const user = suite.user();
    await user.logIn('read');
    await user.page.getByRole('link', { name: 'Requests', exact: true }).click();
    await user.page.getByRole('radio', { name: 'Finished' }).check({ force: true });
    await user.page.context().clearCookies();
    // The list asks for news every two seconds.
    await user.page.getByLabel('Access token').fill(tokens.read);
    await user.page.getByRole('button', { name: 'Log in' }).click();
    await user.page.getByRole('radio', { name: 'Finished', checked: true }).waitFor();
  });

  it('is told why the role read is offered no changes', async () => {
    const { page } = suite.user();
    const { requestId } = await suite
      .scene()
      .producer.enqueue({ targets: [{ invocationId: 'inv-1a2b3c4d' }] });
    await suite.user().logIn('read');
    await page.getByText('To pause or resume the queue, log in with a token of the role “operate”').waitFor();
    await suite.user().goTo('/new');
    await page.getByText('To ask for commands to be stopped, log in').waitFor();
    await suite.user().goTo('/dead-letters');
    await page.getByText('To redrive or discard dead letters, log in').waitFor();
    await suite.user().goTo(`/requests/${requestId}`);
    await page.getByText('To withdraw requests, log in').waitFor();
    expect(await page.getByRole('button', { name: /Withdraw|Pause|Redrive|Discard|Stop/ }).count()).toBe(0);
  });

  it('is told that nobody works while something waits', async () => {
    const { page } = suite.user();
    await suite.user().goTo('/');
    await page.getByText('Nobody makes calls.').waitFor();
  });

  it('gets scripts compressed, to be kept for good', async () => {
    const { page } = suite.user();
    const asked = page.waitForResponse(/\/assets\/.*\.js$/);
    await page.reload();
    const headers = await (await asked).allHeaders();
    expect(headers['content-encoding']).toMatch(/^(br|gzip)$/);
    expect(headers['cache-control']).toContain('immutable');
  });

  it('gets the same words for every address within the page', async () => {
    const { page } = suite.user();
    for (const path of ['/requests', '/requests/req-1', '/dead-letters', '/new', '/login']) {
      const answer = await page.request.get(`${suite.scene().url}${path}`);
      expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    }
  });
});

describePage('whoever is at the page of an open server', { workers: 0, isOpen: true }, (suite) => {
  it('needs no token, and is told that nobody does', async () => {
    const { page } = suite.user();
    await suite.user().goTo('/login');
    await page.getByRole('heading', { name: 'Now', exact: true }).waitFor();
    await page.getByText('open, operate').waitFor();
    expect(await page.getByRole('button', { name: 'Log out' }).count()).toBe(0);
  });
});
