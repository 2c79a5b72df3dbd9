import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import org.h2.mvstore.MVMap;

/** An index whose keys are in the order of its fields, so that a range of them answers a query. */
abstract class OrderedIndex extends Index<KeyValue> {
  final MVMap<KeyValue, byte[]> map;

  OrderedIndex(String name, List<IndexKey> keys, boolean sparse, MVMap<KeyValue, byte[]> map) {
    super(name, keys, sparse);
    this.map = map;
  }

  /** The fields of its keys, most significant first. */
  List<String> fields() {
    return new ArrayList<>(keys());
  }

  /** Whether each document has exactly one key in it, so that its order is an order of documents. */
  boolean isComplete() {
    return true;
  }

  /** The document that a key stands for. */
  abstract KeyValue positionOf(KeyValue key);

  /** Queries are planned by the collection, not by the library. */
  @Override
  public boolean canHandle(Document query) {
    return false;
  }

  @Override
  public Iterable<KeyValue> getPositions(Document query) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long getCount() {
    return map.sizeAsLong();
  }

  @Override
  public long getDataSize() {
    return getCount();
  }

  @Override
  public void drop() {
    // The database removes the map.
  }
}
