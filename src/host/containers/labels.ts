// How what an engine has made is found again.

/** On every container and volume: the id of the engine that made it. */
export const ENGINE_LABEL = 'dev.fulcrum.engine';
