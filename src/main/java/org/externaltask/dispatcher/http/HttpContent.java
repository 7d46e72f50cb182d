package org.externaltask.dispatcher.http;

/**
 * What a peer answered to a call that asks for content and not for JSON.
 *
 * @param type media type in lower case without parameters; empty when none was given
 * @param bytes all of it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HttpContent(String type, byte[] bytes) {}
