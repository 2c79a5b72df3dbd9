import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.h2.mvstore.MVMap;

/** An index of other fields than `_id`: its keys are the values of the fields, followed by the `_id`. */
final class SecondaryIndex extends OrderedIndex {
  private static final byte[] NOTHING = {};

  /** A key before all others; it says that some document has an array in an indexed field, and so several keys. */
  private static final KeyValue MULTIKEY = new KeyValue(new Object[] {null});

  private final boolean unique;

  /** Whether no indexed field is in an embedded document. */
  private final boolean isFlat;

  SecondaryIndex(String name, List<IndexKey> keys, boolean sparse, boolean unique, MVMap<KeyValue, byte[]> map) {
    super(name, keys, sparse, map);
    this.unique = unique;
    this.isFlat = keys.stream().noneMatch(key -> key.getKey().contains("."));
  }

  @Override
  List<String> fields() {
    List<String> fields = super.fields();
    fields.add("_id");
    return fields;
  }

  @Override
  boolean isComplete() {
    return !isSparse() && !map.containsKey(MULTIKEY);
  }

  @Override
  KeyValue positionOf(KeyValue key) {
    return new KeyValue(key.get(key.size() - 1));
  }

  /** The library asks every index; only the one of `_id` knows. */
  @Override
  public KeyValue getPosition(Document document) {
    return null;
  }

  @Override
  public void checkAdd(Document document, MongoCollection<KeyValue> collection) {
    if (!unique) {
      return;
    }
    for (KeyValue values : valuesOf(document)) {
      KeyValue next = map.ceilingKey(values);
      if (next != null && startsWith(next, values) && KeyType.compareValues(next.get(values.size()), document.get("_id")) != 0) {
        throw new DuplicateKeyError(this, collection, getKeys(), values);
      }
    }
  }

  @Override
  public void add(Document document, KeyValue position, MongoCollection<KeyValue> collection) {
    checkAdd(document, collection);
    add(valuesOf(document), document, position);
  }

  private void add(Set<KeyValue> keys, Document document, KeyValue position) {
    for (KeyValue values : keys) {
      map.put(followedBy(values, position.get(0)), NOTHING);
    }
    if (usualKey(document) == null && keys().stream().anyMatch(field -> isArray(document, field))) {
      map.put(MULTIKEY, NOTHING);
    }
  }

  private static boolean isArray(Document document, String field) {
    return Utils.getSubdocumentValueCollectionAware(document, field) instanceof Collection;
  }

  @Override
  public KeyValue remove(Document document) {
    KeyValue position = new KeyValue(document.get("_id"));
    remove(valuesOf(document), position);
    return position;
  }

  private void remove(Set<KeyValue> keys, KeyValue position) {
    for (KeyValue values : keys) {
      map.remove(followedBy(values, position.get(0)));
    }
  }

  @Override
  public void checkUpdate(Document oldDocument, Document newDocument, MongoCollection<KeyValue> collection) {
    checkAdd(newDocument, collection);
  }

  @Override
  public void updateInPlace(Document oldDocument, Document newDocument, KeyValue position, MongoCollection<KeyValue> collection) {
    Set<KeyValue> before = valuesOf(oldDocument);
    Set<KeyValue> after = valuesOf(newDocument);
    if (!before.equals(after)) {
      remove(before, position);
      add(after, newDocument, position);
    }
  }

  @Override
  public boolean isUnique() {
    return unique;
  }

  private Set<KeyValue> valuesOf(Document document) {
    boolean absent = isSparse() && keys().stream().allMatch(field -> isAbsent(document, field));
    if (absent) {
      return Set.of();
    }
    KeyValue usual = usualKey(document);
    if (usual != null) {
      return Set.of(usual);
    }
    return getKeyValues(document).stream()
        .map(values -> new KeyValue(values.stream().map(SecondaryIndex::asStored).toList()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** The key of a document whose indexed fields are texts, times, integers or missing; null for other documents. */
  private KeyValue usualKey(Document document) {
    if (!isFlat) {
      return null;
    }
    Object[] values = new Object[getKeys().size()];
    for (int index = 0; index < values.length; index++) {
      Object value = document.get(getKeys().get(index).getKey());
      if (value != null && !(value instanceof String) && !(value instanceof Instant) && !(value instanceof Integer)) {
        return null;
      }
      values[index] = asStored(value);
    }
    return new KeyValue(values);
  }

  /** BSON keeps milliseconds; a new document of `$currentDate` has more. The library compares numbers as `double`. */
  private static Object asStored(Object value) {
    if (value instanceof Instant time) {
      return time.truncatedTo(ChronoUnit.MILLIS);
    }
    return value instanceof Integer number ? number.doubleValue() : value;
  }

  private static boolean isAbsent(Document document, String field) {
    return Utils.getSubdocumentValue(document, field) instanceof Missing;
  }

  private static boolean startsWith(KeyValue key, KeyValue values) {
    for (int index = 0; index < values.size(); index++) {
      if (KeyType.compareValues(key.get(index), values.get(index)) != 0) {
        return false;
      }
    }
    return key.size() > values.size();
  }

  private static KeyValue followedBy(KeyValue values, Object id) {
    List<Object> key = new ArrayList<>(values.size() + 1);
    values.forEach(key::add);
    key.add(id);
    return new KeyValue(key);
  }
}
