// What the types of `highs` name and neither ECMAScript nor Node's types declare.
declare namespace WebAssembly {
  type Module = object;
}
