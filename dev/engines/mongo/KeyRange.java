import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.MaxKey;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys that begin with some values, and whose next value lies between two bounds.
 *
 * @param low null for none
 * @param isAboveLow whether `low` itself is outside
 * @param high inclusive; null for none
 */
record KeyRange(List<Object> prefix, Object low, boolean isAboveLow, Object high) {
  static KeyRange of(List<Object> prefix) {
    return new KeyRange(prefix, null, false, null);
  }

  /** The first key that can be in the range; null for the first of all. */
  KeyValue start() {
    List<Object> values = new ArrayList<>(prefix);
    if (low != null) {
      values.add(low);
    }
    if (isAboveLow) {
      // Behind all keys that begin with these values.
      values.add(MaxKey.getInstance());
    }
    return values.isEmpty() ? null : new KeyValue(values);
  }

  /** Whether a key from `start` on is in the range; the first that is not ends it. */
  boolean contains(KeyValue key) {
    for (int index = 0; index < prefix.size(); index++) {
      if (KeyType.compareValues(key.get(index), prefix.get(index)) != 0) {
        return false;
      }
    }
    return high == null || KeyType.compareValues(key.get(prefix.size()), high) <= 0;
  }
}
