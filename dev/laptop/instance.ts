import { mkdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { dirname } from 'node:path';
import { formatFinding } from '../../envoy/index.ts';
import { restorePolicies } from '../demos/policy-files.ts';
import { engines, needMongo } from '../engines/engines.ts';
import { systems as allSystems } from '../systems/systems.ts';
import { addSystem, type Choice, removeSystem, writeSystems } from './choice.ts';
import { claims } from './claims.ts';
import { type Control, type SystemStatus, serveControl } from './control.ts';
import { DataPlane } from './data-plane.ts';
import { ownedFolder } from './owned-folder.ts';
import { LivePolicy, type PolicyReport, unsupportedPolicy } from './policy.ts';
import { requireFree, StartRefused } from './ports.ts';
import type { ProcessSpec } from './process-spec.ts';
import { edge, service, sidecar } from './processes.ts';
import { endOrphans, ownerVariable, ProcessRecord } from './record.ts';
import { scale } from './scaling.ts';
import { Supervisor } from './supervisor.ts';
import { type Topology, text } from './topology.ts';
import { listFiles } from './watch.ts';

/** Receives what has started: a name, a detail, and milliseconds. */
export type Report = (what: string, detail: string, milliseconds: number) => void;

/** A running instance: starts a choice of systems in order, offers the control API, stops everything in reverse. */
export class Instance {
  readonly topology: Topology;
  readonly #supervisor: Supervisor;
  #server: Server | undefined;
  /** Undefined while it is still starting, and when it is being stopped. */
  #running: (Choice & { readonly policy: LivePolicy }) | undefined;
  readonly #policyReport: PolicyReport;
  /** The last change of replicas or systems: the next one waits for it. */
  #changing: Promise<unknown> = Promise.resolve();
  /** Resolves when the instance has been stopped, by whomever. */
  readonly stopped: Promise<void>;
  readonly #resolveStopped: () => void;

  /** @param policyReport receives the warnings at the start, and each change of the policies while it runs */
  constructor(topology: Topology, policyReport: PolicyReport = () => undefined) {
    this.topology = topology;
    this.#policyReport = policyReport;
    const { state } = topology;
    mkdirSync(state.data, { recursive: true });
    ownedFolder(dirname(state.socket));
    // Before Envoy has set the permissions of a socket, those of its folder hold.
    ownedFolder(state.admin);
    this.#supervisor = new Supervisor(state.logs, new ProcessRecord(state.record), {
      [ownerVariable]: state.root,
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopped = promise;
    this.#resolveStopped = resolve;
  }

  /** `http://127.0.0.1:8088`. */
  get url(): string {
    return `http://${text(this.topology.edgeListen)}`;
  }

  /**
   * Becomes the one supervisor of its instance.
   *
   * @throws StartRefused if there is one already
   */
  async claim(): Promise<void> {
    this.#server ??= await serveControl(this.topology.state.socket, this.control());
  }

  /**
   * Starts everything; resolves when all processes are ready.
   *
   * @throws StartRefused if it runs already or an address is taken; NotReady if a process does not come up; PolicyError
   */
  async start(report: Report): Promise<void> {
    const { state } = this.topology;
    await this.claim();
    const orphans = await endOrphans(state.record, state.root);
    if (orphans.length > 0) report('cleared', `${orphans.length} processes that a killed run left`, 0);
    for (const sentence of restorePolicies(state.root)) report('policies', sentence, 0);
    const { pods, systems } = this.topology;
    const used = engines(this.topology);
    const mongo = needMongo(pods.map((pod) => pod.service)) ? used.mongo : undefined;
    await requireFree(claims(this.topology, mongo !== undefined));
    writeSystems(state, systems);
    // Before it is read: what is saved from now on is a change.
    const seen = listFiles(this.topology.mesh);
    const begin = performance.now();
    const dataPlane = new DataPlane(this.topology);
    const bootstraps = dataPlane.write();
    this.#policyReport(true, unsupportedPolicy(dataPlane.mesh).join('\n'), performance.now() - begin);
    const bootstrap = (name: string) => bootstraps.get(name) ?? '';
    const sidecars = pods.map((pod) => sidecar(this.topology, pod, bootstrap(`${pod.name}-sidecar`)));
    await this.#stage('engines', [...used.shared, ...(mongo === undefined ? [] : [mongo])], report);
    await this.#stage('sidecars', sidecars, report);
    await this.#stage(
      'services',
      pods.map((pod) => service(this.topology, pod, used.stores)),
      report,
    );
    await this.#stage('edge', [edge(this.topology, bootstrap('edge'))], report);
    const policy = new LivePolicy(dataPlane, this.topology.mesh, seen, this.#policyReport);
    const { topology } = this;
    this.#running = { topology, supervisor: this.#supervisor, dataPlane, engines: used, systems: [...systems], policy };
  }

  async #stage(what: string, specs: readonly ProcessSpec[], report: Report): Promise<void> {
    const start = performance.now();
    await this.#supervisor.startStage(specs);
    const names = what === 'sidecars' ? [`${specs.length} Envoys`] : specs.map(({ title }) => title);
    report(what, what === 'edge' ? this.url : names.join(', '), performance.now() - start);
  }

  #status(): SystemStatus {
    return {
      instance: this.topology.instance,
      pid: process.pid,
      edge: this.url,
      ready: this.#running !== undefined,
      systems: (this.#running ?? this.topology).systems.map(({ name }) => name),
      policy: this.#running?.policy.status,
      warnings: this.#running?.dataPlane.mesh.warnings.map(formatFinding) ?? [],
      processes: this.#supervisor.status(),
    };
  }

  /** Changes replicas or systems. One change follows the other: later ones wait. */
  #change(work: (running: Choice) => Promise<void>): Promise<void> {
    const change = this.#changing.then(async () => {
      if (this.#running === undefined) throw new StartRefused('Rentmesh is starting or stopping: try again when it is ready.');
      await work(this.#running);
    });
    this.#changing = change.catch(() => undefined);
    return change;
  }

  /** Adds a system. @throws RangeError for an unknown one, StartRefused for one that runs */
  async #up(name: string): Promise<void> {
    const system = allSystems.find((each) => each.name === name);
    if (system === undefined)
      throw new RangeError(`This instance was started without the system "${name}": stop it with \`npm run down\`, and start it again.`);
    await this.#change((running) => addSystem(running, system));
  }

  /** What is offered at the control socket. */
  control(): Control {
    const supervisor = this.#supervisor;
    return {
      status: async () => this.#status(),
      start: (name) => supervisor.start(name),
      stop: (name) => supervisor.stop(name),
      restart: (name) => supervisor.restart(name),
      kill: (name, signal = 'SIGKILL') => supervisor.kill(name, signal),
      scale: (name, replicas) => this.#change((running) => scale(running, name, replicas)),
      up: (name) => this.#up(name),
      down: (name) => this.#change((running) => removeSystem(running, name)),
      shutdown: () => this.stop(),
    };
  }

  /** Stops everything: the edge, services, sidecars, engines. Also while it is still starting. */
  async stop(): Promise<void> {
    this.#running?.policy.end();
    this.#running = undefined;
    await this.#supervisor.shutdown();
    if (this.#server === undefined) return this.#resolveStopped();
    // `stopped` waits until answers that are under way, such as the one to `npm run down`, have gone out.
    this.#server.close(this.#resolveStopped);
    setTimeout(this.#resolveStopped, 1000).unref();
    rmSync(this.topology.state.socket, { force: true });
  }
}
