import { readFileSync } from 'node:fs';
import { status as code } from '@grpc/grpc-js';
import { notFound, RpcError } from '#kit/rpc/errors.ts';
import type { ExplainCallResponse, Place } from '#proto/rentmesh/observer/v1/observer.ts';
import { PolicyError } from '../../envoy/index.ts';
import type { SystemStatus } from '../laptop/control.ts';
import { policyFiles } from '../laptop/policy-files.ts';
import { type Method, methodsOf } from '../mesh/contracts.ts';
import { explain } from '../mesh/explain/explain.ts';
import { findCall, findCaller, UnknownName } from '../mesh/explain/names.ts';
import { laptopContext, meshFolder, readImage, runningWorkloads } from '../mesh/laptop.ts';
import { type CallPath, callPathsOf } from './call-paths.ts';
import { excerptAt } from './excerpt.ts';

/** What the policies of the running system say. */
export class Policies {
  readonly #methods: readonly Method[] = methodsOf(readImage());
  #callPaths: readonly CallPath[] = [];
  /** Identifies the policies and the running systems from which the call paths were made. */
  #readAt = '';

  /** Returns the paths of the calls of workloads. While the files have an error, those before it. */
  callPaths({ policy, systems }: Pick<SystemStatus, 'policy' | 'systems'>): readonly CallPath[] {
    const at = [policy?.at ?? 'starting', ...systems].join(' ');
    if (at !== this.#readAt && policy?.ok !== false) {
      try {
        this.#callPaths = callPathsOf(laptopContext(this.#methods, policyFiles(meshFolder(), new Set(systems))));
        this.#readAt = at;
      } catch (error) {
        // Saved a moment ago: the status tells of it next time.
        if (!(error instanceof PolicyError)) throw error;
      }
    }
    return this.#callPaths;
  }

  /**
   * What happens to a call, with the lines that decide it.
   *
   * @param method as `rentcar.car.v1.CarService/CheckUpdateStock`
   * @throws RpcError NOT_FOUND for a caller or method that there is not, FAILED_PRECONDITION if the files have an error
   */
  async explain(callerName: string, method: string): Promise<ExplainCallResponse> {
    try {
      const context = laptopContext(this.#methods, [meshFolder()], await runningWorkloads());
      const caller = findCaller(context, callerName);
      const { title, sections } = explain(context, findCall(context, caller, method));
      const files = new Map<string, string>();
      const textOf = (file: string) => files.get(file) ?? files.set(file, readFileSync(file, 'utf8')).get(file) ?? '';
      return {
        title,
        sections: sections.map(({ title, statements }) => ({
          title,
          statements: statements.map(({ text, places, otherwise }) => ({
            text,
            otherwise: otherwise ?? '',
            places: places.map(({ file, line }): Place => {
              const { text: excerpt, firstLine } = excerptAt(textOf(file), line);
              return { file, line, excerpt, firstLine };
            }),
          })),
        })),
      };
    } catch (error) {
      if (error instanceof UnknownName) throw notFound('CALL_NOT_FOUND', error.message);
      if (error instanceof PolicyError)
        throw new RpcError(code.FAILED_PRECONDITION, 'POLICY_DEFECT', `the policy files have an error: ${error.message}`);
      throw error;
    }
  }
}
