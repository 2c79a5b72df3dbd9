import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.AbstractCursor;
import de.bwaldvogel.mongo.backend.AbstractSynchronizedMongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DocumentWithPosition;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;

/** A collection whose documents are kept as BSON in the order of their `_id`, and whose queries read ranges of indexes. */
final class EmulatorCollection extends AbstractSynchronizedMongoCollection<KeyValue> {
  private final MVMap<KeyValue, byte[]> documents;

  EmulatorCollection(
      MongoDatabase database, String name, CollectionOptions options, MVMap<KeyValue, byte[]> documents, CursorRegistry cursors) {
    super(database, name, options, cursors);
    this.documents = documents;
  }

  MVMap<KeyValue, byte[]> documents() {
    return documents;
  }

  @Override
  protected QueryResult queryDocuments(
      Document query, Document orderBy, int numberToSkip, int limit, int batchSize, Document fieldSelector) {
    Document order = orderBy == null || orderBy.containsKey("$natural") ? new Document() : orderBy;
    QueryPlan plan = QueryPlan.of(getIndexes(), query, order);
    Stream<Document> found = new Scan(this, plan).stream().map(DocumentWithPosition::getDocument);
    if (!plan.isSorted()) {
      return matchDocumentsFromStream(found, query, order, numberToSkip, limit, batchSize, fieldSelector);
    }
    if (limit > 0 || batchSize == 0) {
      return matchDocumentsFromStream(query, found, numberToSkip, limit, batchSize, null, fieldSelector);
    }
    ScanCursor cursor = new ScanCursor(new Scan(this, plan), query, fieldSelector);
    List<Document> first = cursor.take(numberToSkip, batchSize);
    if (cursor.isEmpty()) {
      return new QueryResult(first);
    }
    cursorRegistry.add(cursor);
    return new QueryResult(first, cursor);
  }

  /** Reads the documents of a query as they are asked for: a collection need not fit into the memory. */
  private final class ScanCursor extends AbstractCursor {
    private final Scan scan;
    private final Document query;
    private final Document fieldSelector;

    ScanCursor(Scan scan, Document query, Document fieldSelector) {
      super(cursorRegistry.generateCursorId());
      this.scan = scan;
      this.query = query;
      this.fieldSelector = fieldSelector;
    }

    @Override
    public boolean isEmpty() {
      return !scan.hasNext();
    }

    @Override
    public List<Document> takeDocuments(int numberToReturn) {
      return take(0, numberToReturn);
    }

    List<Document> take(int numberToSkip, int numberToReturn) {
      Stream<Document> rest = scan.stream().map(DocumentWithPosition::getDocument);
      return matchDocumentsFromStream(query, rest, numberToSkip, numberToReturn, 0, null, fieldSelector).collectDocuments();
    }
  }

  @Override
  protected QueryResult matchDocuments(
      Document query, Document orderBy, int numberToSkip, int numberToReturn, int batchSize, Document fieldSelector) {
    return queryDocuments(query, orderBy, numberToSkip, numberToReturn, batchSize, fieldSelector);
  }

  @Override
  protected Stream<DocumentWithPosition<KeyValue>> streamAllDocumentsWithPosition() {
    return new Scan(this, QueryPlan.of(List.of(), new Document(), new Document())).stream();
  }

  @Override
  public Stream<Document> queryAllAsStream() {
    return streamAllDocumentsWithPosition().map(DocumentWithPosition::getDocument);
  }

  @Override
  protected Document getDocument(KeyValue position) {
    return Bson.decode(documents.get(position));
  }

  @Override
  protected KeyValue addDocumentInternal(Document document) {
    String idField = getIdField();
    KeyValue position = new KeyValue(idField == null ? UUID.randomUUID() : Utils.getSubdocumentValue(document, idField));
    documents.put(position, Bson.encode(document));
    return position;
  }

  @Override
  protected void handleUpdate(KeyValue position, Document oldDocument, Document newDocument) {
    documents.put(position, Bson.encode(newDocument));
  }

  @Override
  protected void removeDocument(KeyValue position) {
    documents.remove(position);
  }

  @Override
  public int count() {
    return documents.size();
  }

  @Override
  protected boolean tracksDataSize() {
    return false;
  }

  @Override
  protected void updateDataSize(int sizeDelta) {
    throw new UnsupportedOperationException();
  }

  /** Bytes of all documents, counted when somebody asks. */
  @Override
  protected int getDataSize() {
    return Math.toIntExact(documents.values().stream().mapToLong(bytes -> bytes.length).sum());
  }
}
