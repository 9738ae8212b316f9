/** A text as the page counts it: positions of the server are code points, those of JavaScript UTF-16 code units. */

const JOINED = /\S+/gu;
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}%°€$£¥]+$/gu;
const UNSPACED = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Khmer}\p{sc=Lao}\p{sc=Mymr}]/u;

/** @typedef {{start: number, end: number}} Range */

export class Words {
  /** @param {string} text @param {string} language */
  constructor(text, language) {
    this.text = text;
    /** @type {number[] | null} where each code point begins, null if there are none above U+FFFF */
    this.starts = /[\ud800-\udbff]/.test(text) ? [...startsOf(text)] : null;
    /** @type {Range[]} */
    this.all = [...wordsOf(text, language)];
  }

  /** @param {number} point a code point */
  unit(point) {
    return this.starts ? (this.starts[point] ?? this.text.length) : point;
  }

  /** @param {number} unit a code unit */
  point(unit) {
    if (!this.starts) return unit;
    let [low, high] = [0, this.starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] < unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The number of the first word that ends behind a place. @param {number} unit */
  after(unit) {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle].end <= unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whole words for any range, null if it holds none. @param {number} start @param {number} end @returns {Range | null} */
  snapped(start, end) {
    const first = this.after(start);
    let last = this.after(end);
    if (last === this.all.length || this.all[last].start >= end) last -= 1;
    return first <= last && this.all[first] ? { start: this.all[first].start, end: this.all[last].end } : null;
  }
}

/** @param {string} text */
function* startsOf(text) {
  let at = 0;
  for (const point of text) {
    yield at;
    at += point.length;
  }
}

/** Words without the marks around them; in scripts without spaces, as the browser divides them. @param {string} text @param {string} language */
function* wordsOf(text, language) {
  for (const found of text.matchAll(JOINED)) {
    if (UNSPACED.test(found[0])) yield* dividedOf(found[0], found.index, language);
    else {
      const bare = found[0].replace(EDGES, "");
      if (!bare) continue;
      const start = found.index + found[0].indexOf(bare);
      yield { start, end: start + bare.length };
    }
  }
}

/** @param {string} run @param {number} at @param {string} language */
function* dividedOf(run, at, language) {
  let segmenter;
  try {
    segmenter = new Intl.Segmenter(language || undefined, { granularity: "word" });
  } catch {
    segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
  }
  for (const part of segmenter.segment(run))
    if (part.isWordLike) yield { start: at + part.index, end: at + part.index + part.segment.length };
}
