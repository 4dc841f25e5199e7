// Carries out the action of a rule that matched: sends the request on, or answers it.

import { Fault } from '../../base/fault.ts';
import type { Clock, Rng } from '../../base/ports.ts';
import type { Millis } from '../../base/units.ts';
import type { App } from '../../model/app.ts';
import { ALB_REDIRECT_LENGTH } from '../../model/aws-limits.ts';
import type { RedirectAction, WeightedAction } from '../../model/route.ts';
import { locationOf } from '../../routing/redirect.ts';
import type { Rewriter } from '../../routing/rewrite.ts';
import type { Matched, RequestFacts } from '../../routing/route-table.ts';
import {
  chooseGroup,
  cookieValue,
  GROUP_COOKIE,
  GROUP_COOKIE_CORS,
  groupCookieLines,
  readGroupCookie,
} from '../../routing/weighted.ts';
import { albFixedResponse, albRedirect } from './alb-answers.ts';
import { fieldValues } from './alb-headers.ts';
import type { OwnAnswer } from './door-kind.ts';
import type { ServedRequest, WayEnd } from './served-request.ts';
import type { Targets } from './targets.ts';

export interface ActionParts {
  readonly app: App;
  readonly clock: Clock;
  readonly rng: Rng;
}

export interface ActionEnd extends WayEnd {
  /** Answers as a rule says; that is no failure. */
  answers(request: ServedRequest, answer: OwnAnswer, reason: string): void;
}

export class RuleActions {
  readonly #parts: ActionParts;
  readonly #targets: Targets;
  readonly #end: ActionEnd;

  constructor(parts: ActionParts, targets: Targets, end: ActionEnd) {
    this.#parts = parts;
    this.#targets = targets;
    this.#end = end;
  }

  perform(request: ServedRequest, { route, rewrite }: Matched, facts: RequestFacts): void {
    const { action } = route;
    switch (action.kind) {
      case 'forward':
        if (rewrite !== undefined && !this.#rewrite(request, rewrite)) return;
        request.actions = rewrite === undefined ? 'forward' : 'rewrite,forward';
        this.#targets.send(request, action);
        return;
      case 'weighted':
        if (rewrite !== undefined && !this.#rewrite(request, rewrite)) return;
        request.actions = rewrite === undefined ? 'forward' : 'rewrite,forward';
        this.#weighted(request, action);
        return;
      case 'redirect':
        this.#redirect(request, action, facts);
        return;
      case 'respond':
        request.actions = 'fixed-response';
        this.#end.answers(request, albFixedResponse(action), `answered by rule ${route.priority}`);
    }
  }

  /** False if the request was answered with an error instead. */
  #rewrite(request: ServedRequest, rewrite: Rewriter): boolean {
    const rewritten = rewrite(request.exchange.head);
    request.rewriteStatus = rewritten.status;
    if (rewritten.status === 'TransformSuccess') {
      request.rewritten = rewritten;
      request.reason = `written anew as ${rewritten.host}${rewritten.target}`;
      return true;
    }
    request.actions = 'rewrite';
    const { status, problem } = rewritten;
    this.#end.failed(request, 500, new Fault('REWRITE_FAILED', { status, problem }));
    return false;
  }

  #weighted(request: ServedRequest, action: WeightedAction): void {
    const { clock, rng, app } = this.#parts;
    const wall = clock.wall();
    const { stickyMs } = action;
    const cookie =
      stickyMs === undefined ? undefined : readGroupCookie(groupCookieOf(request), wall);
    if (cookie?.kind === 'invalid') {
      const { groupCookieStatus } = app.local.assume;
      this.#end.failed(request, groupCookieStatus, new Fault('GROUP_COOKIE_INVALID', {}));
      return;
    }
    const sticky = cookie?.kind === 'group' ? cookie.name : undefined;
    const { group, reason } = chooseGroup(action, sticky, rng.next());
    request.reason = request.reason === '' ? reason : `${request.reason}; ${reason}`;
    if (group === undefined) {
      this.#end.failed(request, 503, new Fault('GROUPS_WITHOUT_WEIGHT', { rule: request.rule }));
      return;
    }
    if (stickyMs !== undefined) {
      const life = { wall, stickyMs, secure: request.exchange.peer.tls !== undefined };
      request.cookies = groupCookieLines(group, life, sayDate);
    }
    request.service = group.service;
    request.asked = group.compute;
    this.#targets.send(request, group);
  }

  #redirect(request: ServedRequest, action: RedirectAction, facts: RequestFacts): void {
    const { host, path, query } = facts;
    const { localPort: port, tls } = request.exchange.peer;
    const protocol = tls === undefined ? 'http' : 'https';
    const location = locationOf(action, { protocol, host, port, path, query });
    if (location.length > ALB_REDIRECT_LENGTH.location) {
      const fault = new Fault('REDIRECT_TOO_LONG', { limitBytes: ALB_REDIRECT_LENGTH.location });
      this.#end.failed(request, 500, fault);
      return;
    }
    request.actions = 'redirect';
    request.redirectUrl = location;
    const reason = `redirected by rule ${request.rule} to ${location}`;
    this.#end.answers(request, albRedirect(action.status, location), reason);
  }
}

/** Of the two cookies the one for other sites counts, as it does for targets. */
function groupCookieOf({ exchange }: ServedRequest): string | undefined {
  const field = fieldValues(exchange.head, 'cookie').join('; ');
  return cookieValue(field, GROUP_COOKIE_CORS) ?? cookieValue(field, GROUP_COOKIE);
}

function sayDate(wall: Millis): string {
  return new Date(wall).toUTCString();
}
