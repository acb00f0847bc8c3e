import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  canRun,
  findStrayNames,
  isSecret,
  type Manifest,
  packageVersion,
  type Role,
  readAs,
  readEnvironmentFile,
  readManifests,
} from './deployment-files.js';

const folder = 'deploy/kubernetes';
const [kustomization] = readManifests(`${folder}/kustomization.yaml`) as [Manifest];
const [addition] = readManifests(`${folder}/monitoring/kustomization.yaml`) as [Manifest];
const manifests: Manifest[] = [
  ...kustomization.resources.flatMap((name: string) => readManifests(join(folder, name))),
  ...addition.resources.flatMap((name: string) => readManifests(join(folder, 'monitoring', name))),
];
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const deployments: [string, Manifest][] = ofKind('Deployment').map((one) => [one.metadata.name, one]);
const settings = readEnvironmentFile(`${folder}/settings.env`);

/** What kustomize adds to the labels of a pod. */
const addedLabels = kustomization.labels[0].includeTemplates === true ? kustomization.labels[0].pairs : {};
const podLabels = deployments.map(([, { spec }]) => ({ ...spec.template.metadata.labels, ...addedLabels }));

function selectsPods(selector: Record<string, string>): number {
  return podLabels.filter((labels) =>
    Object.entries(selector).every(([name, value]) => labels[name] === value),
  ).length;
}

function environmentOf({ env }: Manifest): Record<string, string> {
  const own = env.map(({ name, value = '' }: { name: string; value?: string }) => [name, value]);
  return { ...settings, ...Object.fromEntries(own) };
}

describe('the Kubernetes manifests', () => {
  it('are all named by a kustomization, with the image of this version', () => {
    const listed = [...kustomization.resources, ...addition.resources, 'kustomization.yaml'];
    const present = [folder, `${folder}/monitoring`].flatMap((path) =>
      readdirSync(path).filter((name) => name.endsWith('.yaml')),
    );
    expect(new Set(present)).toEqual(new Set(listed));
    expect(kustomization.images).toEqual([{ name: 'tat-cancel', newTag: packageVersion }]);
  });

  it.each(deployments)('run %s as the restricted standard demands', (_name, { spec }) => {
    const pod = spec.template.spec;
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const [container] = pod.containers;
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources).toMatchObject({ requests: { cpu: '100m' }, limits: { memory: '512Mi' } });
    expect(container.image).toBe('tat-cancel');
  });

  it.each(deployments)(
    'give %s settings that it knows and takes, and none by service links',
    (_name, { spec }) => {
      const [container] = spec.template.spec.containers;
      const role = container.args[0] as Role;
      const environment = environmentOf(container);
      expect(findStrayNames(role, environment, Object.keys(settings))).toEqual([]);
      expect(readAs(role, environment)).toMatchObject({ host: '0.0.0.0', metricsPort: 9464 });
      expect(spec.template.spec.enableServiceLinks).toBe(false);
    },
  );

  it.each(deployments)('let %s finish before it is killed', (_name, { spec }) => {
    const { containers, terminationGracePeriodSeconds } = spec.template.spec;
    const [container] = containers;
    const { shutdownGraceMs } = readAs(container.args[0], environmentOf(container));
    const preStopMs = Number(container.lifecycle?.preStop.exec.command[1] ?? 0) * 1_000;
    expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(shutdownGraceMs + preStopMs);
  });

  it.each(deployments)('probe %s at ports that it has', (_name, { spec }) => {
    const [container] = spec.template.spec.containers;
    const ports = container.ports.map(({ name }: { name: string }) => name);
    const { PORT, METRICS_PORT } = environmentOf(container);
    for (const { name, containerPort } of container.ports) {
      expect(String(containerPort)).toBe(name === 'http' ? PORT : METRICS_PORT);
    }
    const probes = [container.startupProbe, container.livenessProbe, container.readinessProbe];
    expect(probes.map(({ httpGet }) => httpGet.path)).toEqual(['/livez', '/livez', '/readyz']);
    for (const { httpGet } of probes) expect(ports).toContain(httpGet.port);
  });

  it.each(deployments)('keep %s going through a rollout and a drained node', (name, { spec }) => {
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    const budget = ofKind('PodDisruptionBudget').find(({ metadata }) => metadata.name === name);
    expect(budget.spec.selector).toEqual(spec.selector);
    expect(budget.spec.minAvailable).toBeLessThan(spec.replicas);
  });

  it('take every secret by reference and hold none', () => {
    expect(ofKind('Secret')).toEqual([]);
    expect(Object.keys(settings).filter(isSecret)).toEqual([]);
    const variables = deployments.flatMap(([, { spec }]) => spec.template.spec.containers[0].env);
    const secrets = variables.filter(({ name }) => isSecret(name));
    expect(secrets.length).toBeGreaterThan(5);
    for (const { value, valueFrom } of secrets) {
      expect(value).toBeUndefined();
      expect(valueFrom.secretKeyRef.name).toBe('tat-cancel');
    }
  });

  it('select pods that exist, wherever they select', () => {
    const [whole, server] = ofKind('NetworkPolicy');
    expect(selectsPods(whole.spec.podSelector.matchLabels)).toBe(2);
    expect(selectsPods(server.spec.podSelector.matchLabels)).toBe(1);
    const services = Object.fromEntries(ofKind('Service').map((service) => [service.metadata.name, service]));
    expect(selectsPods(services['tat-cancel-server'].spec.selector)).toBe(1);
    expect(selectsPods(services['tat-cancel-metrics'].spec.selector)).toBe(2);
    const [monitor] = ofKind('ServiceMonitor');
    expect(services['tat-cancel-metrics'].metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(services['tat-cancel-metrics'].spec.ports[0].name).toBe(monitor.spec.endpoints[0].port);
  });

  it('let in nobody but callers of the server and the monitoring', () => {
    const [whole, server] = ofKind('NetworkPolicy');
    expect(whole.spec.policyTypes).toEqual(['Ingress', 'Egress']);
    expect(whole.spec.ingress.map(({ ports }: Manifest) => ports)).toEqual([[{ port: 9464 }]]);
    expect(server.spec.ingress.map(({ ports }: Manifest) => ports)).toEqual([[{ port: 8080 }]]);
    const [{ from }] = server.spec.ingress;
    expect(from).toEqual([{ namespaceSelector: { matchLabels: { 'tat-cancel.io/caller': 'true' } } }]);
  });

  it('let out what the processes need, to anywhere only with HTTPS, and traces to the collector', () => {
    const [{ spec }] = ofKind('NetworkPolicy');
    const portsOf = (rules: Manifest[]) =>
      rules.flatMap(({ ports }) => ports.map(({ port }: Manifest) => port));
    expect(portsOf(spec.egress.filter(({ to }: Manifest) => to === undefined))).toEqual([443]);
    expect(portsOf(spec.egress)).toEqual(expect.arrayContaining([53, 6379, 443, 4318]));
    expect(readFileSync('docs/tracing.md', 'utf8')).toContain(':4318');
  });

  it.runIf(canRun('kubectl', 'version', '--client'))('are put together by kustomize', () => {
    for (const path of [folder, `${folder}/monitoring`]) {
      const rendered = execFileSync('kubectl', ['kustomize', path], { encoding: 'utf8' });
      expect(rendered).toContain('namespace: tat-cancel');
    }
  });
});
